package import AdminAPI
package import Console
import Saga

extension Suite {
    package var order: AdminClient { self[.order] }
}
