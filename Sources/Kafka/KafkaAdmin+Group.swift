import CRdkafka
import Posix

extension KafkaAdmin {
    /// Who is in a consumer group now; nobody if there is no such group.
    package static func members(
        of group: String, properties: [String: String], timeout: Duration
    ) async throws(KafkaError) -> [KafkaGroupMember] {
        let result: Result<[KafkaGroupMember], KafkaError> = await withCheckedContinuation { answer in
            DedicatedThread.start {
                answer.resume(
                    returning: Result { () throws(KafkaError) in
                        let configuration = try KafkaProperties.configuration(["log.queue": "true"], under: properties)
                        return try configuration.makeHandle(RD_KAFKA_PRODUCER).members(of: group, within: timeout)
                    })
            }
        }
        return try result.get()
    }
}

extension RDKafkaHandle {
    /// Not by `rd_kafka_DescribeConsumerGroups`, which uses memory it has freed when a broker does not know the request (2.0.2 to 2.13).
    fileprivate func members(of group: String, within timeout: Duration) throws(KafkaError) -> [KafkaGroupMember] {
        var list: UnsafePointer<rd_kafka_group_list>?
        let code = rd_kafka_list_groups(pointer, group, &list, timeout.milliseconds)
        defer { list.map { rd_kafka_group_list_destroy($0) } }
        // A broker that does not answer matters only if it is the one that knows the group.
        guard code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR__PARTIAL, let list else { throw KafkaError(code) }
        guard let found = UnsafeBufferPointer(start: list.pointee.groups, count: Int(list.pointee.group_cnt)).first else { return [] }
        if found.err != RD_KAFKA_RESP_ERR_NO_ERROR { throw KafkaError(found.err) }
        return UnsafeBufferPointer(start: found.members, count: Int(found.member_cnt)).map { member in
            KafkaGroupMember(
                clientID: String(cString: member.client_id), host: String(cString: member.client_host),
                memberID: String(cString: member.member_id))
        }
    }
}
