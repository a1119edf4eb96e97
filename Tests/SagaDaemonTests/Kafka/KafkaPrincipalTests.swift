import Kafka
import Testing

@testable import KafkaTransport

@Suite struct KafkaPrincipalTests {
    @Test(arguments: [
        ([:], "User:ANONYMOUS"),
        (["security.protocol": "plaintext", "sasl.username": "unused"], "User:ANONYMOUS"),
        (["security.protocol": "SASL_SSL", "sasl.username": "saga"], "User:saga"),
        (["security.protocol": "sasl_plaintext", "sasl.kerberos.principal": "saga@EXAMPLE.ORG"], "User:saga"),
        (["security.protocol": "sasl_ssl"], "the principal of these credentials"),
        (["security.protocol": "ssl", "ssl.certificate.location": "/c.pem"], "the principal of this certificate"),
        (["security.protocol": "ssl"], "User:ANONYMOUS"),
    ])
    func `it is named as the access control lists of the broker name it`(properties: [String: String], name: String) {
        #expect(KafkaPrincipal(properties).name == name)
    }

    @Test func `a missing right is named with whom, what and how to give it, other errors speak for themselves`() {
        let principal = KafkaPrincipal(["security.protocol": "sasl_ssl", "sasl.username": "saga"])
        let right = KafkaRight(.write, .topic("order-events"))
        // TOPIC_AUTHORIZATION_FAILED
        #expect(
            principal.words(for: KafkaError(code: 29), right)
                == "User:saga lacks the right Write on topic order-events: "
                + "kafka-acls.sh --add --allow-principal User:saga --operation Write --topic order-events")
        let other = KafkaError(code: 7)
        #expect(principal.words(for: other, right) == "\(other)")
        let unknown = KafkaPrincipal(["security.protocol": "sasl_ssl"]).lack(of: KafkaRight(.read, .group("saga-order")))
        #expect(unknown.hasSuffix("--allow-principal PRINCIPAL --operation Read --group saga-order"))
    }
}
