import Testing

/// The REST interface of all three services, which hear each other and which all these tests share.
@Suite(.servicesInProcess) enum RESTTests {}
