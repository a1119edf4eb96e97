import Fuzz
import Glibc

// The two functions that libFuzzer's own main calls (https://llvm.org/docs/LibFuzzer.html). libFuzzer leaves options with two dashes to us.

/// Reads `--target=NAME`; `--seeds=DIRECTORY` writes the target's seeds and words there, and ends.
@c(LLVMFuzzerInitialize) public func initialize(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    if let directory = option("seeds") {
        for (index, seed) in target.seeds.enumerated() { write(seed, to: "\(directory)/seed-\(index)") }
        let words = target.words.map { word in
            "\"" + word.utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\"\n"
        }
        write(Array(words.joined().utf8), to: "\(directory)/../\(target.name).words")
        exit(0)
    }
    return 0
}

@c(LLVMFuzzerTestOneInput) public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    do {
        try target.check(Array(UnsafeBufferPointer(start: start, count: count)))
    } catch {
        fatalError("\(target): \(error)")
    }
    return 0
}

private let target: FuzzTarget = {
    let known = FuzzTarget.all.map(\.name)
    guard let name = option("target"), let target = FuzzTarget.all.first(where: { $0.name == name }) else {
        print("saga-fuzz: --target=NAME is one of \(known.joined(separator: " "))")
        exit(64)
    }
    return target
}()

private func option(_ name: String) -> String? {
    CommandLine.arguments.lazy.compactMap { $0.hasPrefix("--\(name)=") ? String($0.dropFirst(name.count + 3)) : nil }.first
}

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "w"), fwrite(bytes, 1, bytes.count, file) == bytes.count, fclose(file) == 0 else {
        perror(path)
        exit(1)
    }
}
