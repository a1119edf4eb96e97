package import NIOCore

/// Cuts the bytes of a connection into frames. Never holds more than one frame of the longest allowed length and one read.
package struct FrameSplitter: NIOSingleStepByteToMessageDecoder {
    package typealias InboundOut = ByteBuffer

    private let longestFrame: Int

    package init(longestFrame: Int) {
        self.longestFrame = longestFrame
    }

    package func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self) else { return nil }
        guard length > 0 else { throw DirectProtocolError.malformed("length") }
        guard length <= longestFrame else { throw DirectProtocolError.oversized(Int(length)) }
        guard buffer.readableBytes >= 4 + Int(length) else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        return buffer.readSlice(length: Int(length))
    }

    package func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        // The rest of a frame that was cut off by the end of the connection is of no use.
        try decode(buffer: &buffer)
    }
}
