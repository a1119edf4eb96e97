import SagaTestSupport
import Testing

@testable import Systemd

@Suite("Notifying the service manager", .timeLimit(.minutes(1)))
struct SystemdNotifierTests {
    @Test("Each message arrives as sd_notify(3) says, on a socket of either kind", arguments: NotifyListener.Kind.allCases)
    func protocolMessages(kind: NotifyListener.Kind) async throws {
        let listener = try NotifyListener(kind)
        let notifier = SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address]))
        notifier.ready(status: "at work")
        #expect(try await listener.next() == "READY=1\nSTATUS=at work")
        notifier.ready()
        #expect(try await listener.next() == "READY=1")
        notifier.status("busy")
        #expect(try await listener.next() == "STATUS=busy")
        notifier.watchdog()
        #expect(try await listener.next() == "WATCHDOG=1")
        notifier.stopping(status: "bye")
        #expect(try await listener.next() == "STOPPING=1\nSTATUS=bye")
    }

    @Test("Reloading carries a monotonic time stamp that never goes back")
    func reloading() async throws {
        let listener = try NotifyListener()
        let notifier = SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address]))
        var stamps: [Int64] = []
        for _ in 1...2 {
            notifier.reloading()
            let lines = try await listener.next().split(separator: "\n")
            #expect(lines.first == "RELOADING=1")
            let stamp = try #require(lines.last?.wholeMatch(of: /MONOTONIC_USEC=([0-9]+)/))
            stamps.append(try #require(Int64(stamp.1)))
        }
        #expect(stamps[0] > 0)
        #expect(stamps[0] <= stamps[1])
    }

    @Test("The same status is sent once, whatever message carries it")
    func duplicateStatus() async throws {
        let listener = try NotifyListener()
        let notifier = SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address]))
        notifier.status("one")
        notifier.status("one")
        notifier.ready(status: "one")
        notifier.status("two")
        notifier.status("one")
        #expect(try await listener.next() == "STATUS=one")
        #expect(try await listener.next() == "READY=1")
        #expect(try await listener.next() == "STATUS=two")
        #expect(try await listener.next() == "STATUS=one")
    }

    @Test("A line break in a status cannot smuggle in another assignment", arguments: ["a\nREADY=1", "a\r\nREADY=1"])
    func statusInjection(text: String) async throws {
        let listener = try NotifyListener()
        let notifier = SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": listener.address]))
        notifier.status(text)
        #expect(try await listener.next() == "STATUS=a READY=1")
    }

    @Test(
        "Without a service manager nothing happens",
        arguments: [nil, "", "relative", "@", "vsock:2:1", "/" + String(repeating: "x", count: 200)])
    func noSocket(address: String?) {
        let notifier = SystemdNotifier(environment: ServiceEnvironment(address.map { ["NOTIFY_SOCKET": $0] } ?? [:]))
        #expect(notifier.ready(status: "at work"))
    }

    @Test("A status that was not delivered is sent again")
    func undelivered() async throws {
        var listener = Optional(try NotifyListener())
        let address = try #require(listener?.address)
        let notifier = SystemdNotifier(environment: ServiceEnvironment(["NOTIFY_SOCKET": address]))
        #expect(notifier.status("one"))
        listener = nil
        #expect(!notifier.status("two"))
        #expect(!notifier.status("two"))
    }
}
