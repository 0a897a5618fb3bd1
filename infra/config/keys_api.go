package config

const (
	mib = 1 << 20
	gib = 1 << 30
)

// apiKeys are about the integration's REST API. The largest sizes are S3's:
// 5 TiB for an object, 5 GiB for one PUT. A presigned URL dies with the
// credentials that it was signed with, whatever it says, so half a day is
// the most that anybody may ask for.
var apiKeys = []key{
	{"jwtIssuer", "", "https://HOST[/PATH] (http, too, in stage local)", "Who signs the callers' tokens, exactly as their `iss` says, together with `jwtAudience`. The `iss` and the `sub` of a token are the owner. Without it callers sign their requests with IAM (SigV4).",
		func(c *Config, v value) error { return webURL(&c.API.JWTIssuer, v) }},
	{"jwtAudience", "", "a list of names without spaces, 1 to 50", "Whom the tokens are for: one of these is in a token's `aud`, or its `client_id`.",
		func(c *Config, v value) error { return audience(&c.API.JWTAudience, v) }},
	{"jwtScopes", "", "a list of scopes without spaces and commas, 1 to 64 characters each, 1 to 20", "The scopes of which a token must carry one, in `scope` or `scp`. Recommended wherever the issuer has scopes: ID tokens carry none, so the gateway refuses them all. Without it the API refuses those ID tokens that it can tell (docs/security.md).",
		func(c *Config, v value) error { return matchAll(&c.API.JWTScopes, v, 20, scopeName) }},
	{"apiOpen", "false", "true or false; true in stage local only", "Whether the API answers everyone without authorization, on one machine, whatever `jwtIssuer` says.",
		func(c *Config, v value) error { return boolean(&c.API.Open, v) }},
	{"apiBaseUrl", "", "https://HOST[/PATH], without a slash at the end (http, too, in stage local)", "What the API's URLs begin with, where it isn't the API's own endpoint.",
		func(c *Config, v value) error { return apiBase(&c.API.BaseURL, v) }},
	{"apiRateLimit", "50", "1 to 10000", "Requests a second that the API takes from all callers together; above it they get 429.",
		func(c *Config, v value) error { return number(&c.API.RateLimit, v, 1, 10_000) }},
	{"apiBurstLimit", "100", "1 to 5000", "Requests at once that the API takes from all callers together.",
		func(c *Config, v value) error { return number(&c.API.BurstLimit, v, 1, 5000) }},
	{"apiOptions", "archiveSource,frameCapture,inputRotate", "a list of archiveSource, frameCapture, inputRotate, jobTemplate and acceleratedTranscoding, each once", "The options that a caller of the API may set. Acceleration costs more than the ladder, and any job template of the account can be named: list them only where all callers are trusted. `enableSns` and `enableSqs` are never the caller's.",
		func(c *Config, v value) error {
			return listOf(&c.API.Options, v, "archiveSource", "frameCapture", "inputRotate", "jobTemplate", "acceleratedTranscoding")
		}},
	{"maxOpenUploads", "100", "1 to 10000", "Videos of one owner that wait for their file, at most; one more is refused with 429. Counted when a video is created, so a few requests at the same moment may pass together.",
		func(c *Config, v value) error { return number(&c.API.OpenUploads, v, 1, 10_000) }},
	{"maxEncodes", "100", "1 to 10000", "Videos of one owner that are being encoded, at most; until one has ended, a new video and another encode are refused with 429. Counted as `maxOpenUploads` are: files that are uploaded meanwhile are encoded, so both limits together are the most.",
		func(c *Config, v value) error { return number(&c.API.Encodes, v, 1, 10_000) }},
	{"uploadMaxBytes", "53687091200", "1 to 5497558138880 (5 TiB)", "Bytes that a video may have; the default is 50 GiB.",
		func(c *Config, v value) error { return number(&c.Upload.MaxBytes, v, 1, 5*1024*gib) }},
	{"uploadSinglePutMaxBytes", "67108864", "1 to 5368709120 (5 GiB)", "Bytes up to which a video is uploaded by one PUT; a larger one goes in parts. The default is 64 MiB.",
		func(c *Config, v value) error { return number(&c.Upload.SinglePutBytes, v, 1, 5*gib) }},
	{"uploadUrlSeconds", "3600", "1 to 43200", "Seconds that a URL to upload to lives.",
		func(c *Config, v value) error { return number(&c.Upload.URLSeconds, v, 1, 43_200) }},
	{"uploadTypes", "video/*,audio/*,application/mxf,application/octet-stream", "a list of content types in lower case, such as video/mp4 or video/*", "The content types that may be uploaded.",
		func(c *Config, v value) error { return contentTypes(&c.Upload.Types, v) }},
}
