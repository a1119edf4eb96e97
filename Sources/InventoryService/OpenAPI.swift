import SagaRuntime
import Wire

/// The description of the inventory service's routes.
enum OpenAPI {
    static let inventory = OpenAPIDocument(
        title: "Inventory", description: "Holds stock for orders, and commits or gives it back.", paths: paths, schemas: schemas
    ).json

    private static let paths = #"""
        "/inventory": {
          "get": {
            "operationId": "listProducts", "summary": "The stock of all products, in order of their ids", "tags": ["Inventory"],
            "responses": {
              "200": {
                "description": "All products.",
                "content": {"application/json": {
                  "schema": {
                    "type": "object", "additionalProperties": false, "required": ["products"],
                    "properties": {"products": {"type": "array", "items": {"$ref": "#/components/schemas/Product"}}}
                  },
                  "example": {"products": [{"productId": 1, "available": 8, "reserved": 1, "sold": 1}]}
                }}
              },
              \#(OpenAPIDocument.everywhere)
            }
          }
        },
        "/inventory/{productId}": {
          "get": {
            "operationId": "getProduct", "summary": "The stock of one product", "tags": ["Inventory"],
            "parameters": [{
              "name": "productId", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/PositiveInteger"}
            }],
            "responses": {
              "200": {
                "description": "The product.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Product"},
                  "example": {"productId": 1, "available": 8, "reserved": 1, "sold": 1}
                }}
              },
              "404": {"$ref": "#/components/responses/NotFound"},
              \#(OpenAPIDocument.everywhere)
            }
          }
        },
        "/reservations/{orderId}": {
          "get": {
            "operationId": "getReservation", "summary": "What is held for an order", "tags": ["Inventory"],
            "parameters": [{"$ref": "#/components/parameters/OrderID"}],
            "responses": {
              "200": {
                "description": "The reservation.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Reservation"},
                  "example": {
                    "orderId": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "productId": 1, "quantity": 1, "status": "COMMITTED",
                    "createdAt": "2026-01-31T08:15:30.127Z", "updatedAt": "2026-01-31T08:15:30.133Z"
                  }
                }}
              },
              "404": {"$ref": "#/components/responses/NotFound"},
              \#(OpenAPIDocument.everywhere)
            }
          }
        }
        """#

    private static let schemas = #"""
        "Product": {
          "description": "The sum of the three changes only when an operator sets what is available.",
          "type": "object", "additionalProperties": false, "required": ["productId", "available", "reserved", "sold"],
          "properties": {
            "productId": {"$ref": "#/components/schemas/PositiveInteger"},
            "available": {"$ref": "#/components/schemas/Count"},
            "reserved": {"description": "Held for orders that are not decided yet.", "$ref": "#/components/schemas/Count"},
            "sold": {"$ref": "#/components/schemas/Count"}
          }
        },
        "Reservation": {
          "description": "VOID: the order was canceled before it was heard of here.",
          "type": "object", "additionalProperties": false, "required": ["orderId", "status"],
          "properties": {
            "orderId": {"$ref": "#/components/schemas/UUID"},
            "productId": {"$ref": "#/components/schemas/PositiveInteger"},
            "quantity": {"$ref": "#/components/schemas/PositiveInteger"},
            "status": {"enum": ["RESERVED", "COMMITTED", "RELEASED", "REJECTED", "VOID"]},
            "createdAt": {"description": "Not there of those that were made by a version before 0.2.0.", "$ref": "#/components/schemas/Time"},
            "updatedAt": {"$ref": "#/components/schemas/Time"}
          },
          "if": {"properties": {"status": {"const": "VOID"}}},
          "then": {"properties": {"productId": false, "quantity": false}},
          "else": {"required": ["productId", "quantity"]}
        }
        """#
}
