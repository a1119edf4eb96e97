import Foundation
import Saga
import SagaTestSupport

/// The three daemons, and what was done to them: who was started and ended when, and how soon each was back at work.
///
/// An end that nobody asked for is noted, whenever it happens.
actor Fleet {
    /// One process, from its start to its end.
    private final class Life {
        let daemon: DaemonProcess
        let log: LogPassage
        var isReady = false
        /// The signals that were to end it.
        var endings: Set<Int32> = []

        init(_ daemon: DaemonProcess, log: LogPassage) {
            self.daemon = daemon
            self.log = log
        }
    }

    private let suite: DaemonSuite
    private var lives: [ServiceName: Life] = [:]
    private(set) var ready: [Duration] = []
    private(set) var firstEvent: [Duration] = []
    private(set) var stop: [Duration] = []
    /// By service and what happened to it.
    private(set) var strikes: [String: Int] = [:]
    private(set) var oddities: [String] = []

    private static let patience: Duration = .seconds(60)

    init(_ suite: DaemonSuite) {
        self.suite = suite
    }

    func launch(_ service: ServiceName) throws {
        measure(service)
        let log = LogPassage(file: "\(suite.directory.path)/\(service).err")
        let start = ContinuousClock.now
        let life = Life(try suite.launch(service), log: log)
        lives[service] = life
        Task {
            try await life.daemon.ready(within: Fleet.patience)
            life.isReady = true
            ready.append(start.duration(to: .now))
        }
        Task {
            let exit = try await life.daemon.exited(within: .seconds(1_000_000))
            noteEnd(of: life, exit)
        }
    }

    func freeze(_ service: ServiceName) { signal(service, SIGSTOP, as: "SIGSTOP") }
    func thaw(_ service: ServiceName) { lives[service]?.daemon.signal(SIGCONT) }

    /// To all of them at once; returns when they are gone.
    func kill(_ services: [ServiceName]) async throws {
        for service in services {
            signal(service, SIGKILL, as: lives[service]?.isReady == true ? "SIGKILL" : "SIGKILL while starting")
        }
        for service in services { try await lives[service]?.daemon.exited() }
    }

    /// Returns when it is gone, which takes no longer than the service manager has patience for.
    func stop(_ service: ServiceName, killAfter limit: Duration?) async throws {
        guard let life = lives[service] else { return }
        let asked = ContinuousClock.now
        signal(service, SIGTERM, as: limit == nil ? "SIGTERM" : "SIGTERM, then SIGKILL")
        do {
            try await life.daemon.exited(within: limit ?? Fleet.patience)
            stop.append(asked.duration(to: .now))
        } catch {
            try Task.checkCancellation()
            if limit == nil { oddities.append("\(service.program) did not end within \(Fleet.patience) of SIGTERM") }
            life.endings.insert(SIGKILL)
            try await life.daemon.crash()
        }
    }

    /// Returns when all are ready, or one has not become it in time, which is noted.
    func recovered() async throws {
        for (service, life) in lives {
            do {
                try await life.daemon.ready(within: Fleet.patience)
            } catch {
                try Task.checkCancellation()
                // An end that was not asked for is noted where it is seen.
                if life.daemon.isRunning { oddities.append("\(service.program) was not ready within \(Fleet.patience)") }
            }
        }
    }

    /// - Throws: when a daemon has ended or failed by itself.
    func requireOrder() throws {
        guard oddities.isEmpty else { throw RunFailure("stopped, as a daemon has ended or failed by itself") }
    }

    /// For those that are still running, too.
    func measure() {
        for service in lives.keys { measure(service) }
    }

    private func measure(_ service: ServiceName) {
        if let duration = lives[service]?.log.firstEvent() { firstEvent.append(duration) }
    }

    private func signal(_ service: ServiceName, _ number: Int32, as name: String) {
        guard let life = lives[service] else { return }
        if number == SIGKILL || number == SIGTERM { life.endings.insert(number) }
        strikes["\(service) \(name)", default: 0] += 1
        life.daemon.signal(number)
    }

    private func noteEnd(of life: Life, _ exit: ProgramProcess.Exit) {
        let isAsked =
            switch exit {
            case .signal(SIGKILL): life.endings.contains(SIGKILL)
            // Before it knows of signals, this one ends it as it ends any process.
            case .signal(SIGTERM): life.endings.contains(SIGTERM) && !life.isReady
            case .signal: false
            case .code(let code): code == 0 && life.endings.contains(SIGTERM)
            }
        guard !isAsked else { return }
        let signals = life.endings.sorted().map(String.init).joined(separator: " and ")
        let asked = signals.isEmpty ? "unasked" : "after signal \(signals)"
        oddities.append("\(life.daemon.service.program) (process \(life.daemon.pid)) ended with \(exit), \(asked)")
    }
}
