import AdminAPI
import Saga
import Testing

@testable import SagaCLI

@Suite struct UnitAdviceTests {
    struct Case: Sendable {
        let unit: UnitState
        let advice: [String]
    }

    private static func unit(
        _ active: String, _ sub: String, _ result: String = "success", exit: Int32? = nil, load: String = "loaded"
    ) -> UnitState {
        UnitState(loadState: load, activeState: active, subState: sub, result: result, exitCode: exit)
    }

    static let cases = [
        Case(unit: unit("inactive", "dead", load: "masked"), advice: ["masked", "systemctl unmask saga-order.service && systemctl start"]),
        Case(unit: unit("inactive", "dead", load: "not-found"), advice: ["no unit saga-order.service"]),
        Case(unit: unit("inactive", "dead", load: "bad-setting"), advice: ["systemd-analyze verify"]),
        Case(unit: unit("inactive", "dead"), advice: ["not started: systemctl start saga-order.service"]),
        Case(unit: unit("activating", "start"), advice: ["starting"]),
        Case(unit: unit("active", "running"), advice: ["does not answer: journalctl"]),
        Case(
            unit: unit("failed", "failed", "exit-code", exit: 78),
            advice: ["exit status 78", "--check-config", "chown -R sagad:sagad", "systemctl reset-failed saga-order.service"]),
        Case(unit: unit("failed", "failed", "exit-code", exit: 69), advice: ["8081 is taken by process 7 (nginx)"]),
        Case(unit: unit("activating", "auto-restart", "exit-code", exit: 69), advice: ["again and again", "8081 is taken"]),
        Case(unit: unit("failed", "failed", "oom-kill"), advice: ["oom-kill", "journalctl -x -u saga-order.service"]),
        Case(unit: unit("failed", "failed", "exit-code", exit: 75), advice: ["another instance"]),
        Case(unit: unit("failed", "failed", "exit-code", exit: 65), advice: ["database"]),
    ]

    @Test(arguments: cases) func `each state of a unit has its cure`(example: Case) {
        let text = UnitAdvice.text(for: .order, example.unit, portHolder: "8081 is taken by process 7 (nginx)")
        for part in example.advice { #expect(text.contains(part)) }
    }
}
