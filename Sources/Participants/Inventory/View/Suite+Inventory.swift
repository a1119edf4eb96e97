package import AdminAPI
package import Console
import Saga

extension Suite {
    package var inventory: AdminClient { self[.inventory] }
}
