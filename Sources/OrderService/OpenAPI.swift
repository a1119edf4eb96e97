import SagaRuntime
import Wire

/// The description of the order service's routes.
enum OpenAPI {
    static let order = OpenAPIDocument(
        title: "Orders", description: "Takes orders and ends each of them APPROVED or CANCELED.", paths: paths, schemas: schemas
    ).json

    private static let paths = #"""
        "/orders": {
          "post": {
            "operationId": "createOrder", "summary": "Place an order", "tags": ["Orders"],
            "parameters": [{
              "name": "Idempotency-Key", "in": "header",
              "description": "A name for this request. Sending it again with the same body is answered with the first answer; with another body, 422.",
              "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
              "example": "8e03978e-40d5-43dd-bc93-6894a57f9324"
            }],
            "requestBody": {
              "required": true,
              "content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/RequestedOrder"},
                "example": {"userId": 1, "productId": 1, "quantity": 1, "amount": 1000}
              }}
            },
            "responses": {
              "201": {
                "description": "The order is taken and will be decided.",
                "headers": {"Location": {"required": true, "schema": {"type": "string", "pattern": "^/orders/[0-9a-f-]{36}$"}}},
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Order"},
                  "example": {
                    "orderId": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "userId": 1, "productId": 1, "quantity": 1, "amount": 1000,
                    "status": "PENDING", "createdAt": "2026-01-31T08:15:30.125Z", "updatedAt": "2026-01-31T08:15:30.125Z"
                  }
                }}
              },
              "422": {"$ref": "#/components/responses/UnprocessableContent"},
              "429": {"$ref": "#/components/responses/TooManyRequests"},
              \#(OpenAPIDocument.everywhere)
            }
          },
          "get": {
            "operationId": "listOrders", "summary": "Orders, newest first", "tags": ["Orders"],
            "description": "Those for which all parameters hold.",
            "parameters": [
              {"name": "status", "in": "query", "schema": {"$ref": "#/components/schemas/OrderStatus"}},
              {"name": "userId", "in": "query", "schema": {"$ref": "#/components/schemas/PositiveInteger"}},
              {"name": "productId", "in": "query", "schema": {"$ref": "#/components/schemas/PositiveInteger"}},
              {"name": "reason", "in": "query", "schema": {"$ref": "#/components/schemas/CancelReason"}},
              {
                "name": "since", "in": "query", "description": "Placed at this time (RFC 3339) or later.",
                "schema": {"type": "string", "format": "date-time"}, "example": "2026-01-31T08:00:00Z"
              },
              {
                "name": "until", "in": "query", "description": "Placed before this time (RFC 3339).",
                "schema": {"type": "string", "format": "date-time"}, "example": "2026-01-31T09:00:00.000Z"
              },
              {"$ref": "#/components/parameters/Limit"},
              {"$ref": "#/components/parameters/Cursor"}
            ],
            "responses": {
              "200": {
                "description": "One page. Pages neither repeat nor miss an order while new ones come in.",
                "content": {"application/json": {
                  "schema": {
                    "type": "object", "additionalProperties": false, "required": ["orders"],
                    "properties": {
                      "orders": {"type": "array", "maxItems": 500, "items": {"$ref": "#/components/schemas/Order"}},
                      "nextCursor": {"description": "Absent on the last page.", "$ref": "#/components/schemas/UUID"}
                    }
                  },
                  "example": {
                    "orders": [{
                      "orderId": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "userId": 2, "productId": 1, "quantity": 1, "amount": 1000,
                      "status": "CANCELED", "reason": "PAYMENT_FAILED", "detail": "DECLINED",
                      "createdAt": "2026-01-31T08:15:30.125Z", "updatedAt": "2026-01-31T08:15:30.131Z"
                    }],
                    "nextCursor": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e"
                  }
                }}
              },
              \#(OpenAPIDocument.everywhere)
            }
          }
        },
        "/orders/{orderId}": {
          "get": {
            "operationId": "getOrder", "summary": "One order", "tags": ["Orders"],
            "parameters": [
              {"$ref": "#/components/parameters/OrderID"},
              {
                "name": "wait", "in": "query",
                "description": "Answer when the order is no longer PENDING, at the latest after this time; more than 60s is taken as 60s.",
                "schema": {"type": "string", "pattern": "^[0-9]+([.][0-9]+)?(ms|s|m|h|d)$"},
                "example": "10s"
              }
            ],
            "responses": {
              "200": {
                "description": "The order as it is now.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Order"},
                  "example": {
                    "orderId": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "userId": 1, "productId": 1, "quantity": 1, "amount": 1000,
                    "status": "APPROVED", "createdAt": "2026-01-31T08:15:30.125Z", "updatedAt": "2026-01-31T08:15:30.131Z"
                  }
                }}
              },
              "404": {"$ref": "#/components/responses/NotFound"},
              \#(OpenAPIDocument.everywhere)
            }
          }
        },
        "/orders/{orderId}/cancel": {
          "post": {
            "operationId": "cancelOrder", "summary": "Cancel an order that is not decided yet", "tags": ["Orders"],
            "parameters": [{"$ref": "#/components/parameters/OrderID"}],
            "responses": {
              "200": {
                "description": "The order, which is now CANCELED or was before.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Order"},
                  "example": {
                    "orderId": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e", "userId": 1, "productId": 1, "quantity": 1, "amount": 1000,
                    "status": "CANCELED", "reason": "CANCELED_BY_CLIENT",
                    "createdAt": "2026-01-31T08:15:30.125Z", "updatedAt": "2026-01-31T08:15:30.131Z"
                  }
                }}
              },
              "404": {"$ref": "#/components/responses/NotFound"},
              "409": {"$ref": "#/components/responses/Conflict"},
              \#(OpenAPIDocument.everywhere)
            }
          }
        }
        """#

    private static let schemas = #"""
        "RequestedOrder": {
          "type": "object", "additionalProperties": false, "required": ["userId", "productId", "quantity", "amount"],
          "properties": {
            "userId": {"$ref": "#/components/schemas/PositiveInteger"},
            "productId": {"$ref": "#/components/schemas/PositiveInteger"},
            "quantity": {"$ref": "#/components/schemas/PositiveInteger"},
            "amount": {"description": "In the currency's smallest unit.", "$ref": "#/components/schemas/PositiveInteger"}
          }
        },
        "OrderStatus": {"enum": ["PENDING", "APPROVED", "CANCELED"]},
        "CancelReason": {
          "description": "Why an order was canceled: the first reason that was decided.",
          "enum": ["PAYMENT_FAILED", "INVENTORY_FAILED", "DEADLINE_EXCEEDED", "CANCELED_BY_CLIENT"]
        },
        "Order": {
          "type": "object", "additionalProperties": false,
          "required": ["orderId", "userId", "productId", "quantity", "amount", "status", "createdAt", "updatedAt"],
          "properties": {
            "orderId": {"$ref": "#/components/schemas/UUID"},
            "userId": {"$ref": "#/components/schemas/PositiveInteger"},
            "productId": {"$ref": "#/components/schemas/PositiveInteger"},
            "quantity": {"$ref": "#/components/schemas/PositiveInteger"},
            "amount": {"description": "In the currency's smallest unit.", "$ref": "#/components/schemas/PositiveInteger"},
            "status": {"$ref": "#/components/schemas/OrderStatus"},
            "reason": {"$ref": "#/components/schemas/CancelReason"},
            "detail": {
              "description": "What the service that refused gave as its reason; not there of orders that were canceled by a version before 0.2.0.",
              "enum": ["OUT_OF_STOCK", "UNKNOWN_PRODUCT", "DECLINED"]
            },
            "createdAt": {"$ref": "#/components/schemas/Time"},
            "updatedAt": {"$ref": "#/components/schemas/Time"}
          },
          "if": {"properties": {"status": {"const": "CANCELED"}}},
          "then": {"required": ["reason"]},
          "else": {"properties": {"reason": false, "detail": false}}
        }
        """#
}
