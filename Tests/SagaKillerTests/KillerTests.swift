import Foundation
import SagaTestSupport
import Testing
