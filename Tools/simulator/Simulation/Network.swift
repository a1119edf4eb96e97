import SagaStore

/// What carries the outboxes of the nodes to each other, and what can go wrong with it.
protocol Network: AnyObject {
    func outboxGrew(at node: Node)
    /// Nothing reaches a node and it reaches nobody, until `isCutOff` is taken back.
    func cutOff(_ node: Node)
    /// What the node sends with has to be made anew.
    func fail(at node: Node)
    /// The node reads again from where it last stored that it had come to. False when that changes nothing.
    func rebalance(_ node: Node) -> Bool
    /// Everything that was published is lost, and what anybody has said of it. False when there was nothing.
    func loseEverything() -> Bool
    /// What the node has published is lost. False when there was nothing.
    func recreateTopic(of node: Node) -> Bool
    /// The first of what it has published is deleted. False when there was nothing.
    func trimTopic(of node: Node) -> Bool
    /// Up to where retention may delete the outbox of a node.
    func published(by node: Node) throws -> Int64
    /// Everything has been read by everybody, and they know it.
    func checkRest() throws
}
