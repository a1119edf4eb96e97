import SagaRuntime
import Wire

/// The description of the payment service's routes.
enum OpenAPI {
    static let payment = OpenAPIDocument(
        title: "Payments", description: "Charges for orders, and gives the money back.", paths: paths, schemas: schemas
    ).json

    private static let paths = #"""
        "/payments": {
          "get": {
            "operationId": "listPayments", "summary": "Payments, those of the newest orders first", "tags": ["Payments"],
            "parameters": [
              {"$ref": "#/components/parameters/Limit"},
              {"$ref": "#/components/parameters/Cursor"}
            ],
            "responses": {
              "200": {
                "description": "One page.",
                "content": {"application/json": {
                  "schema": {
                    "type": "object", "additionalProperties": false, "required": ["payments"],
                    "properties": {
                      "payments": {"type": "array", "maxItems": 500, "items": {"$ref": "#/components/schemas/Payment"}},
                      "nextCursor": {"description": "Absent on the last page.", "$ref": "#/components/schemas/UUID"}
                    }
                  },
                  "example": {
                    "payments": [{
                      "paymentId": "019a3c5e-7b14-7a01-8f3e-5a6b7c8d9e0f", "orderId": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e",
                      "userId": 2, "amount": 1000, "status": "FAILED", "reason": "DECLINED",
                      "createdAt": "2026-01-31T08:15:30.127Z", "updatedAt": "2026-01-31T08:15:30.127Z"
                    }]
                  }
                }}
              },
              \#(OpenAPIDocument.everywhere)
            }
          }
        },
        "/payments/{orderId}": {
          "get": {
            "operationId": "getPayment", "summary": "The payment for an order", "tags": ["Payments"],
            "parameters": [{"$ref": "#/components/parameters/OrderID"}],
            "responses": {
              "200": {
                "description": "The payment.",
                "content": {"application/json": {
                  "schema": {"$ref": "#/components/schemas/Payment"},
                  "example": {
                    "paymentId": "019a3c5e-7b14-7a01-8f3e-5a6b7c8d9e0f", "orderId": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e",
                    "userId": 1, "amount": 1000, "status": "APPROVED",
                    "createdAt": "2026-01-31T08:15:30.127Z", "updatedAt": "2026-01-31T08:15:30.127Z"
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
        "Payment": {
          "description": "VOID: the order was canceled before it was heard of here.",
          "type": "object", "additionalProperties": false, "required": ["orderId", "status"],
          "properties": {
            "paymentId": {"$ref": "#/components/schemas/UUID"},
            "orderId": {"$ref": "#/components/schemas/UUID"},
            "userId": {"$ref": "#/components/schemas/PositiveInteger"},
            "amount": {"description": "In the currency's smallest unit.", "$ref": "#/components/schemas/PositiveInteger"},
            "status": {"enum": ["APPROVED", "FAILED", "REFUNDED", "VOID"]},
            "reason": {"description": "Why the payment failed.", "const": "DECLINED"},
            "createdAt": {"description": "Not there of those that were made by a version before 0.2.0.", "$ref": "#/components/schemas/Time"},
            "updatedAt": {"$ref": "#/components/schemas/Time"}
          },
          "allOf": [
            {
              "if": {"properties": {"status": {"const": "VOID"}}},
              "then": {"properties": {"paymentId": false, "userId": false, "amount": false, "createdAt": false, "updatedAt": false}},
              "else": {"required": ["paymentId", "userId", "amount"]}
            },
            {
              "if": {"properties": {"status": {"const": "FAILED"}}},
              "then": {"required": ["reason"]},
              "else": {"properties": {"reason": false}}
            }
          ]
        }
        """#
}
