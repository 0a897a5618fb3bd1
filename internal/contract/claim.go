package contract

// Claim ties an Idempotency-Key to the id of the video that its first request
// makes. It lies in the video table, in none of its indexes.
type Claim struct {
	Key      string // hash of owner and Idempotency-Key
	VideoID  string
	ExpireAt int64 // seconds since 1970: DynamoDB's time to live
}
