package import AdminAPI
package import Console
import Saga

extension Suite {
    package var payment: AdminClient { self[.payment] }
}
