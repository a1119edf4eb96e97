import Glibc

/// A file (or path to make something else at) in a temporary directory of its own, gone with the value.
struct TemporaryFile: ~Copyable {
    let directory: String
    let path: String

    init(_ contents: String? = nil) {
        self.init(bytes: contents.map { Array($0.utf8) })
    }

    init(bytes: [UInt8]?) {
        var template = Array("/tmp/sagad-configuration-XXXXXX".utf8CString)
        directory = String(cString: mkdtemp(&template))
        path = directory + "/sagad.yaml"
        guard let bytes else { return }
        let file = fopen(path, "w")
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    deinit {
        unlink(path)
        rmdir(path)
        rmdir(directory)
    }
}
