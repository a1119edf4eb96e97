import Saga
package import Wire

/// The OpenAPI 3.1 description of one service's REST routes: the service's own part, put together with what all of them share.
///
/// Written as JSON, since that is what is served and what its readers know. A test compares it with the routes there are, and the
/// answers of running daemons with its schemas.
package struct OpenAPIDocument: Sendable {
    package let json: String

    /// - Parameter own: the participant's `openapi.json`: `info` with title and description, `paths` without the health routes and
    ///   without what any operation may answer, and `components.schemas` without the shared ones.
    package init(own: [UInt8]) throws(JSONError) {
        let document = try JSONObject(parsing: own)
        let info = try document.object("info")
        self.init(
            title: try info.string("title"), description: try info.string("description"),
            paths: try document.object("paths").textOfPaths(answering: OpenAPIDocument.everywhere),
            schemas: try document.object("components").object("schemas").text)
    }

    private init(title: String, description: String, paths: String, schemas: String) {
        json = #"""
            {
              "openapi": "3.1.0",
              "info": {
                "title": "\#(title)",
                "version": "\#(Version.current)",
                "description": "\#(description) Every 4xx and 5xx answer is a problem (RFC 9457). A path is answered to HEAD as to GET, without the body, and with 405 to methods it does not know. Query parameters that are not described here are 400.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
              },
              "servers": [{"url": "/"}],
              "paths": {
            \#(paths),
            \#(OpenAPIDocument.healthPaths)
              },
              "components": {
                "parameters": {
            \#(OpenAPIDocument.parameters)
                },
                "responses": {
            \#(OpenAPIDocument.problems)
                },
                "schemas": {
            \#(schemas),
            \#(OpenAPIDocument.schemas)
                }
              }
            }

            """#
    }

    private static let healthPaths = #"""
        "/livez": {
          "get": {
            "operationId": "live", "summary": "Whether the process works", "tags": ["Health"],
            "responses": {
              "200": {
                "description": "It works.",
                "content": {"application/json": {
                  "schema": {
                    "type": "object", "additionalProperties": false, "required": ["status"],
                    "properties": {"status": {"const": "alive"}}
                  },
                  "example": {"status": "alive"}
                }}
              },
              \#(everywhere)
            }
          }
        },
        "/readyz": {
          "get": {
            "operationId": "ready", "summary": "Whether the service can do its work", "tags": ["Health"],
            "responses": {
              "200": {
                "description": "It can, though perhaps degraded; then the reasons say what is not as it should be.",
                "content": {"application/json": {
                  "schema": {
                    "type": "object", "additionalProperties": false, "required": ["status", "reasons"],
                    "properties": {
                      "status": {"enum": ["ready", "degraded"]},
                      "reasons": {"type": "array", "items": {"type": "string"}}
                    }
                  },
                  "example": {"status": "ready", "reasons": []}
                }}
              },
              \#(everywhere)
            }
          }
        },
        "/openapi.json": {
          "get": {
            "operationId": "describe", "summary": "This document", "tags": ["Health"],
            "responses": {
              "200": {
                "description": "An OpenAPI 3.1 document.",
                "content": {"application/json": {"schema": {"type": "object", "required": ["openapi", "info", "paths"]}}}
              },
              \#(everywhere)
            }
          }
        },
        "/asyncapi.json": {
          "get": {
            "operationId": "describeEvents", "summary": "The events that the service publishes and reacts to", "tags": ["Health"],
            "responses": {
              "200": {
                "description": "An AsyncAPI 3.0 document.",
                "content": {"application/json": {"schema": {"type": "object", "required": ["asyncapi", "info", "channels", "operations"]}}}
              },
              \#(everywhere)
            }
          }
        }
        """#

    private static let parameters = #"""
        "OrderID": {
          "name": "orderId", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/UUID"}
        },
        "Limit": {
          "name": "limit", "in": "query", "description": "The length of a page; more than 500 is taken as 500.",
          "schema": {"type": "integer", "minimum": 1, "default": 50}
        },
        "Cursor": {
          "name": "cursor", "in": "query", "description": "The `nextCursor` of the page before; anything else is 400.",
          "schema": {"$ref": "#/components/schemas/UUID"}
        }
        """#

    /// What a client can be told at every operation.
    private static let everywhere = [
        "400": "BadRequest", "403": "Forbidden", "405": "MethodNotAllowed", "408": "RequestTimeout", "413": "ContentTooLarge",
        "415": "UnsupportedMediaType", "417": "ExpectationFailed", "421": "MisdirectedRequest", "431": "RequestHeaderFieldsTooLarge",
        "501": "NotImplemented", "503": "Unavailable", "505": "VersionNotSupported", "default": "Unexpected",
    ].sorted { $0.key < $1.key }.map { ##""\##($0.key)": {"$ref": "#/components/responses/\##($0.value)"}"## }
        .joined(separator: ",\n              ")

    private static let problems = [
        problem("BadRequest", "The request, a parameter, a header or the JSON of the body cannot be read."),
        problem("Forbidden", "The request comes from a page in a browser that is not this service's."),
        problem("NotFound", "There is no such thing."),
        problem(
            "MethodNotAllowed", "The path is not for this method.",
            headers:
                #"{"Allow": {"description": "What it is for.", "required": true, "schema": {"type": "string", "pattern": "^[A-Z]+(, [A-Z]+)*$"}}}"#
        ),
        problem("RequestTimeout", "The request did not arrive in time; the connection is closed."),
        problem("Conflict", "What is asked for cannot be done any more."),
        problem("Gone", "What is asked for is not kept any more."),
        problem("ContentTooLarge", "The body has more than 64 KiB, whether anybody reads it or not; the connection is closed."),
        problem("UnsupportedMediaType", "The body is not application/json in UTF-8, or it is encoded."),
        problem("ExpectationFailed", "Something else than 100-continue is expected; the connection is closed."),
        problem(
            "MisdirectedRequest",
            "The request is for a host that this service is not: one bound to a loopback address answers to IP addresses, to localhost and to the configuration's allowedHosts."
        ),
        problem("RequestHeaderFieldsTooLarge", "The request line and the header fields are too large; the connection is closed."),
        problem("NotImplemented", "The method or the transfer coding is not known; the connection is closed."),
        problem("VersionNotSupported", "The request is not in HTTP/1.0 or HTTP/1.1; the connection is closed."),
        problem("UnprocessableContent", "The JSON does not say what it should, or the key was used for another request."),
        problem(
            "TooManyRequests",
            "More is asked for than can be done, and this client, which is an address, asks for more than its share: nothing was done, and the same request may be sent again, but more slowly.",
            headers: retryAfter),
        problem(
            "Unavailable",
            "Not now, since the service starts or stops, cannot store or publish more, or is asked for more than it can do: nothing was done, and the same request may be sent again.",
            headers: retryAfter),
        problem("Unexpected", "Something went wrong that should not; the service's log has it."),
    ].joined(separator: ",\n")

    private static let retryAfter =
        #"{"Retry-After": {"description": "Seconds to wait.", "required": true, "schema": {"type": "string", "pattern": "^[0-9]+$"}}}"#

    private static func problem(_ name: String, _ description: String, headers: String = "{}") -> String {
        #"""
        "\#(name)": {
          "description": "\#(description)", "headers": \#(headers),
          "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        }
        """#
    }

    private static let schemas = #"""
        "UUID": {
          "type": "string", "format": "uuid", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
          "example": "019a3c5e-7b10-7c4e-9d55-0f6a1b2c3d4e"
        },
        "Time": {
          "description": "RFC 3339 in UTC with milliseconds.",
          "type": "string", "format": "date-time", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{3}Z$",
          "example": "2026-01-31T08:15:30.125Z"
        },
        "PositiveInteger": {"type": "integer", "minimum": 1, "maximum": 9007199254740991},
        "Count": {"type": "integer", "minimum": 0, "maximum": 9007199254740991},
        "Problem": {
          "description": "RFC 9457.",
          "type": "object", "additionalProperties": false, "required": ["type", "title", "status", "detail"],
          "properties": {
            "type": {"const": "about:blank"},
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string"}
          },
          "example": {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "there is nothing at this path"}
        }
        """#
}
