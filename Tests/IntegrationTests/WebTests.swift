import Foundation
import Saga
import SagaTestSupport
import ServiceTestSupport
import Testing
import Wire

/// The page of `sagactl web`, in a real browser that looks at real daemons.
@Suite(.showingLogs, .timeLimit(.minutes(20))) struct WebTests {
    /// Everything started, the page open and live. Afterwards the page must not have done anything wrong, and the server ends on Ctrl-C.
    private static func run(_ body: (DaemonSuite, Browser) async throws -> Void) async throws {
        try await DaemonSuite.run { suite in
            try await suite.start(ServiceName.allCases)
            let web = try ProgramProcess(
                "sagactl", ["--config", suite.configurationFile, "web", "--listen", "127.0.0.1:0"], in: suite.directory.path, label: "web")
            let page = try await eventually("address of the page") {
                try String(contentsOfFile: "\(suite.directory.path)/web.out", encoding: .utf8).split(separator: "\n").first.map(String.init)
            }
            try await Browser.run(in: suite.directory.path) { browser in
                try await browser.visit(page)
                try await browser.sees("live page", "document.querySelector('#connection')?.textContent.startsWith('live')")
                try await browser.sees("suite that is ready", "document.querySelector('#overall').dataset.state === 'ready'")
                // Counts the orders that set out along each arrow.
                _ = try await browser.value(
                    """
                    (() => {
                      window.dots = {}; window.mostDots = 0;
                      new MutationObserver((changes) => {
                        for (const change of changes) for (const dot of change.addedNodes) {
                          const type = dot.parentNode?.dataset?.event;
                          if (dot.classList?.contains("order") && type) window.dots[type] = (window.dots[type] ?? 0) + 1;
                        }
                        window.mostDots = Math.max(window.mostDots, document.querySelectorAll("#arrows .order").length);
                      }).observe(document.querySelector("#arrows"), { childList: true, subtree: true });
                    })()
                    """)
                #expect(try await browser.value("location.search") == "", "the token is not left where it is seen")
                try await body(suite, browser)
                #expect(browser.faults.state == [])
            }
            web.signal(SIGINT)
            let end = try await web.ended()
            #expect(end.exit == .code(0))
            #expect(end.errors == "")
        }
    }

    private static func state(of order: String) -> String { "document.querySelector('[data-key=\"\(order)\"] .state')?.dataset.state" }

    private static func count(_ type: String) -> String {
        "(document.querySelector('[data-event=\"\(type)\"] .count')?.textContent || '0').replaceAll(',', '')"
    }

    @Test func `an order that is approved and one that is declined are seen to happen`() async throws {
        try await WebTests.run { suite, browser in
            let client = try RESTClient(.order)
            let good = try await client.place(user: 1)
            try await browser.sees("approved order", "\(WebTests.state(of: good)) === 'APPROVED'")
            for (type, hearers) in [("ORDER_CREATED", 2), ("INVENTORY_RESERVED", 1), ("PAYMENT_APPROVED", 1), ("ORDER_APPROVED", 1)] {
                try await browser.sees("count of \(type)", "\(WebTests.count(type)) === '1'")
                try await browser.sees("\(type) on its arrows", "window.dots.\(type) === \(hearers)")
            }
            // The newest is followed.
            try await browser.sees("its timeline", "document.querySelector('#timeline-order').textContent.includes('\(good)')")
            try await browser.sees("its decision", "document.querySelector('#timeline').textContent.includes('order PENDING → APPROVED')")
            try await browser.sees("its sale", "document.querySelector('#timeline').textContent.includes('inventory RESERVED → COMMITTED')")
            try await browser.sees("stock", "document.querySelector('#stock-rows tr').textContent.endsWith('999,99901')")

            let bad = try await client.place(user: 2)
            try await browser.sees("declined order", "\(WebTests.state(of: bad)) === 'CANCELED'")
            #expect(
                try await browser.value("document.querySelector('[data-key=\"\(bad)\"] .reason').textContent") == "PAYMENT_FAILED, DECLINED"
            )
            for type in ["PAYMENT_FAILED", "ORDER_CANCELED"] {
                try await browser.sees("count of \(type)", "\(WebTests.count(type)) === '1'")
            }
            #expect(try await browser.value(WebTests.count("ORDER_CREATED")) == "2")
            #expect(
                try await browser.value("document.querySelector('#events [data-key=PAYMENT_FAILED]').textContent")
                    == "PAYMENT_FAILED: from payment to order and inventory, 1 seen", "the drawing in words")
            // With the keyboard.
            _ = try await browser.value("document.querySelector('a[href=\"#order=\(good)\"]').focus()")
            try await browser.press("Enter")
            try await browser.sees("chosen timeline", "document.querySelector('#timeline-order').textContent.includes('\(good)')")
            try await browser.sees("that it stays", "document.querySelector('#follow').getAttribute('aria-pressed') === 'false'")
            try await browser.sees("which it is", "document.activeElement.getAttribute('aria-current') === 'true'")
        }
    }

    @Test func `a daemon that goes down and comes back is seen, and what waited for it goes on`() async throws {
        try await WebTests.run { suite, browser in
            let payment = "document.querySelector('[data-key=\"payment\"] .state').dataset.state"
            try await suite[.payment].crash()
            try await browser.sees("daemon that is down", "\(payment) === 'down'")
            try await browser.sees("what to do", "document.querySelector('#troubles').textContent.includes('systemctl start saga-payment')")
            #expect(try await browser.value("document.title") == "down · sagad")
            #expect(try await browser.value("document.querySelector('#announcement').textContent") == "payment is down")

            let order = try await RESTClient(.order).place()
            try await browser.sees("order that waits", "\(WebTests.state(of: order)) === 'PENDING'")
            try await browser.sees(
                "whom it waits for", "document.querySelector('#timeline-status').textContent.includes('waits for payment')")
            #expect(try await browser.value("window.dots.PAYMENT_APPROVED ?? 0") == "0")

            try await suite.start(.payment)
            try await browser.sees("daemon that is back", "\(payment) === 'ready'")
            try await browser.sees("order that went on", "\(WebTests.state(of: order)) === 'APPROVED'")
            try await browser.sees("its timeline", "document.querySelector('#timeline').textContent.includes('order PENDING → APPROVED')")
            try await browser.sees("no trouble", "document.querySelector('#troubles').hidden")
        }
    }

    @Test func `a thousand orders do not make the page grow`() async throws {
        try await WebTests.run { suite, browser in
            let client = try RESTClient(.order)
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask { for _ in 0..<125 { _ = try await client.place() } }
                }
                try await group.waitForAll()
            }
            for type in ["ORDER_CREATED", "INVENTORY_RESERVED", "PAYMENT_APPROVED", "ORDER_APPROVED"] {
                try await browser.sees("all of \(type)", "\(WebTests.count(type)) === '1000'")
            }
            try await browser.sees("all of them approved", "document.querySelector('#totals').textContent.startsWith('1,000 APPROVED')")
            #expect(try await browser.value("document.querySelectorAll('#order-rows tr').length") == "25")
            #expect(try await browser.value("window.mostDots <= 80") == "true")
            try await browser.sees("rest", "document.querySelectorAll('#arrows .order').length === 0")
            #expect(try await browser.value("document.getElementsByTagName('*').length < 1000") == "true")
        }
    }

    @Test func `it is served on loopback alone, to whom the daemons may be seen by`() async throws {
        try await DaemonSuite.run { suite in
            for address in ["0.0.0.0:8090", "nowhere"] {
                #expect(try await suite.sagactl("web", "--listen", address).exit == .code(64))
            }
            let taken = try ListeningSocket(port: suite.port(of: .order))
            let outcome = try await suite.sagactl("web", "--listen", "127.0.0.1:\(suite.port(of: .order))")
            #expect(outcome.exit == .code(69))
            #expect(outcome.output == "")
            withExtendedLifetime(taken) {}
        }
    }

    @Test func `the browser is told the address where nobody else sees it`() async throws {
        try await DaemonSuite.run { suite in
            let (tools, directory) = ("\(suite.directory.path)/tools", suite.directory.path)
            try FileManager.default.createDirectory(atPath: tools, withIntermediateDirectories: false)
            _ = try suite.directory.write(
                """
                #!/bin/sh
                cp -p "$1" '\(directory)/opened.html' && echo "$@" >'\(directory)/arguments.new' && mv '\(directory)/arguments.new' '\(directory)/arguments'
                """, to: "tools/xdg-open")
            try #require(chmod("\(tools)/xdg-open", 0o755) == 0)
            let web = try ProgramProcess(
                "sagactl", ["--config", suite.configurationFile, "--json", "web", "--listen", "127.0.0.1:0", "--open"],
                environment: ["PATH": "\(tools):/usr/bin:/bin"], in: directory, label: "web")
            let arguments = try await eventually("browser") { try String(contentsOfFile: "\(directory)/arguments", encoding: .utf8) }
            let output = try await eventually("address") {
                try? JSONValue(parsing: Array(Data(contentsOf: URL(filePath: "\(directory)/web.out"))))
            }
            let address = try #require(output["address"]?.string)
            let token = try #require(address.split(separator: "=").last)
            #expect(!arguments.contains(token))
            #expect(try String(contentsOfFile: "\(directory)/opened.html", encoding: .utf8).contains("url=\(address)\""))
            // It answers when it has taken over the signals.
            let port = try #require(Int(address.split(separator: ":")[2].prefix(while: \.isNumber)))
            let connection = try await HTTPConnection(.tcp(port: port))
            try await connection.send(HTTPClient.request("GET", "/"))
            #expect(try await connection.answer().status == 401)
            web.signal(SIGTERM)
            #expect(try await web.ended().exit == .code(0))
            #expect(!FileManager.default.fileExists(atPath: arguments.trimmingCharacters(in: .newlines)))
        }
    }
}
