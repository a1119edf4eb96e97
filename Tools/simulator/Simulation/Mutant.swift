/// Bugs that are put in on purpose, one at a time, to see whether the simulator finds them. They live here alone: wrapped around
/// the real participants, around the real shell, or in the simulated transports.
package enum Mutant: String, CaseIterable, Sendable {
    // A participant that decides wrongly
    case leavesNoVoidMark = "a compensation before the order leaves no VOID mark"
    case forgetsVoidMark = "an order after its compensation is served all the same"
    case joinsOnOneFact = "an order is approved when only the payment is known"
    case approvesCanceled = "a late payment approves a canceled order"
    case overwritesReason = "a later reason overwrites the first"
    case echoDecides = "the echo of a cancellation decides"
    case forgetsToTellApproval = "an approval is not told"
    case forgetsCompensationDone = "a refund is not recorded at the order"
    case refundsTwice = "a refund is made again"
    case chargesTwice = "a repeated order is charged again"
    case answersUnderNewID = "a repeated order is answered under a new id"
    case keepsStock = "released stock is not given back"
    case releasesTwice = "released stock is given back again"
    case sellsTwice = "reserved stock is sold twice"
    case oversells = "stock is reserved that is not there"
    case paymentIgnoresCancellation = "payment ignores cancellations"
    case inventoryIgnoresCancellation = "inventory ignores cancellations"

    // A payment service that asks a gateway wrongly
    case retriesUnderNewKey = "a charge is asked for again under a new key"
    case refundsBeforeSettled = "a refund is asked for before the charge is known"
    case declinesOnTimeout = "no answer in time is taken for a decline"
    case chargesAfterVoid = "an order is charged after its compensation"
    case forgetsIntents = "a restart forgets what the gateway is still to be asked"
    case asksTwiceAtATime = "a payment is asked about twice at a time"

    // A shell that is not durable
    case forgetsInbox = "the inbox forgets at once"
    case inboxBeforeEffect = "the inbox is committed before the effect"
    case positionBeforeCommit = "the position is stored before the commit"
    case overtakesDeadLetters = "later events of a parked order are applied"
    case emitsAfterTheCommit = "events are queued after the commit of their cause"
    case answersBeforeTheCommit = "201 is answered before the commit"
    case ignoresIdempotencyKeys = "idempotency keys are ignored"
    case deadlineOnTheWallClock = "the deadline follows the wall clock"
    case forgetsDeadlines = "a restart forgets the deadlines of waiting orders"
    case forgetsWhatItPassedOver = "positions behind events without effect are not saved"
    case deletesUnpublished = "retention deletes what is not published"
    case republishesUnderNewIDs = "events are republished under new ids"

    // A transport that is not reliable
    case marksBeforeTheReport = "the outbox is marked before the delivery report"
    case marksTheLastReport = "the outbox is marked up to the last report, not the first missing one"
    case resumesAtTheEnd = "a new producer begins at the end of the outbox"
    case losesOrdering = "events are not partitioned by order"
    case offsetTooFar = "the offset stored is one too far"
    case trustsItsPosition = "a consumer that reconnects reads on at its offset"
    case comparesOffsetsAlone = "a consumer does not look whether the record it read last is still the same"
    case keepsAGapToItself = "a consumer does not ask for what was trimmed"
    case tellsBeforeLooking = "a new producer tells before it has looked whether its topic is still there"
    case forgetsStrays = "a new producer does not reckon with what was written unconfirmed"
    case countsKnownOffsetsAlone = "a confirmation without an offset counts for nothing"
    case ignoresLoss = "the owner of a topic does not look what became of it"
    case forgetsWhatWasConfirmed = "a restart forgets what was confirmed, and what is to be told again"
}
