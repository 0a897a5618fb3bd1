package contract

import (
	"fmt"
	"strings"
)

// The codes of the REST API's problems. Some of them are also ends of a video.
const (
	CodeRequestUnreadable    Code = "RequestUnreadable"
	CodeRequestInvalid       Code = "RequestInvalid"
	CodeBodyTooLarge         Code = "BodyTooLarge"
	CodeBodyTypeUnsupported  Code = "BodyTypeUnsupported"
	CodeNotAcceptable        Code = "NotAcceptable"
	CodeUnauthenticated      Code = "Unauthenticated"
	CodeRouteUnknown         Code = "RouteUnknown"
	CodeMethodNotAllowed     Code = "MethodNotAllowed"
	CodeVideoUnknown         Code = "VideoUnknown"
	CodeFileTooLarge         Code = "FileTooLarge"
	CodeFileTypeUnsupported  Code = "FileTypeUnsupported"
	CodeContentTypeForbidden Code = "ContentTypeForbidden"
	CodeIdempotencyKeyReused Code = "IdempotencyKeyReused"
	CodeCursorInvalid        Code = "CursorInvalid"
	CodeVersionMismatch      Code = "VersionMismatch"
	CodeUploadComplete       Code = "UploadComplete"
	CodeUploadMissing        Code = "UploadMissing"
	CodeUploadMismatch       Code = "UploadMismatch"
	CodePartsMissing         Code = "PartsMissing"
	CodePartsInvalid         Code = "PartsInvalid"
	CodeVideoBusy            Code = "VideoBusy"
	CodeSourceArchived       Code = "SourceArchived"
	CodeEncodeLimit          Code = "EncodeLimit"
	CodeOpenUploadLimit      Code = "OpenUploadLimit"
	CodeRunningEncodeLimit   Code = "RunningEncodeLimit"
	CodeContended            Code = "Contended"
)

// APICodeInfo explains a code of the REST API.
type APICodeInfo struct {
	Code    Code
	Status  int
	Title   string // of the problem
	Meaning string
	Client  string // what the client does
}

// APICodes is the published list, in the order of docs/errors.md: the request
// first, then the video, then the service.
var APICodes = []APICodeInfo{
	{CodeRequestUnreadable, 400, "The request cannot be read", "The body is missing or is not JSON in UTF-8, or the query string is not decodable.", "Send what the OpenAPI document describes."},
	{CodeCursorInvalid, 400, "The cursor cannot be used", "The cursor is broken, or belongs to another owner or another status.", "Start again without a cursor; keep status the same from page to page."},
	{CodeUnauthenticated, 401, "Nobody is signed in", "The request came without a caller that the API's authorizer has confirmed.", "Sign the request (SigV4) or send a valid token, whichever the deployment asks for."},
	{CodeVideoUnknown, 404, "No such video", "There is no video of this id among the caller's: it was never there, was deleted, or is somebody else's.", "List your videos with GET /videos."},
	{CodeRouteUnknown, 404, "No such route", "The API has no such path.", "See GET /openapi.json."},
	{CodeMethodNotAllowed, 405, "The path has no such method", "The path exists, but not with this method; the Allow header has those that do.", "Use one of the methods in Allow."},
	{CodeNotAcceptable, 406, "Only JSON is to be had", "The Accept header leaves no room for JSON.", "Accept application/json and application/problem+json."},
	{CodeVideoDeleted, 409, "The video was deleted", "The Idempotency-Key made a video that has been deleted since.", "Use another key for another video."},
	{CodeUploadComplete, 409, "The file has arrived", "Nothing is left to upload, and nothing to abort.", "Follow the video with GET /videos/{id}; delete it with DELETE /videos/{id}."},
	{CodeUploadMissing, 409, "The file has not arrived", "What is asked for needs the uploaded file.", "Upload it to the URL of GET /videos/{id}/upload first."},
	{CodeUploadMismatch, 409, "Another file has arrived", "The file in the bucket has not the size that was announced.", "Delete the video and create it again with the file's real size."},
	{CodePartsMissing, 409, "Parts have not arrived", "The upload cannot be completed yet; the detail names the parts.", "Upload them: GET /videos/{id}/upload has their URLs."},
	{CodeVideoBusy, 409, "The video is being encoded", "An encode is on its way, and there can be one at a time.", "Wait for Complete or Error."},
	{CodeSourceGone, 409, "The source is gone", "The uploaded file is no longer in the source bucket, so it cannot be encoded again.", "Create the video again and upload the file."},
	{CodeSourceArchived, 409, "The source is archived", "The uploaded file is in an archive storage class and cannot be read.", "Ask the operator to restore it, then try again."},
	{CodeEncodeLimit, 409, "The video was encoded too often", "A video can be encoded again 100 times.", "Create it anew."},
	{CodeVersionMismatch, 412, "The video has changed", "The video is not the one that If-Match names: somebody has changed it meanwhile.", "Read it again, decide again, and send its new ETag."},
	{CodeBodyTooLarge, 413, "The body is too large", "The request's body is larger than the operation takes.", "Send less; long metadata belongs elsewhere, with a reference here."},
	{CodeBodyTypeUnsupported, 415, "The body is not JSON", "The Content-Type is none that the API reads.", "Send application/json."},
	{CodeRequestInvalid, 422, "The request is not valid", "A field, a parameter or a header is missing, of the wrong type, or outside of what is allowed; the detail names each.", "Correct what the detail names."},
	{CodeFileTooLarge, 422, "The file is too large", "The announced size is larger than the deployment takes.", "Upload a smaller file; the operator sets uploadMaxBytes."},
	{CodeFileTypeUnsupported, 422, "The file is no video", "The file name has no extension of a container that the encoder reads; the detail lists them. They are those of MP4, QuickTime, 3GP, Matroska, WebM, MXF, MPEG transport and program streams, AVI, WAV, MP3, FLAC, Ogg and ASF.", "Convert the file to MP4 (H.264, AAC), or give it its right extension. FLV, GIF, Y4M, DV, playlists and streams without a container are not taken."},
	{CodeContentTypeForbidden, 422, "The content type is not taken", "The content type is none that the deployment takes.", "Send the file's real type; the operator sets uploadTypes."},
	{CodeMetadataTooLarge, 422, "The metadata is too large", "The free metadata has more bytes, or is nested deeper, than a video can keep.", "Shorten it, or keep it elsewhere and write a reference."},
	{CodeOptionUnavailable, 422, "The option is not available", "The metadata file has this option, but a caller of the API, or of this deployment, may not set it.", "Leave it out; the detail says why, or which options there are. The operator sets apiOptions."},
	{CodeIdempotencyKeyReused, 422, "The Idempotency-Key has been used", "The key came before with another body.", "Use a new key for each request; repeat a request with the very same body."},
	{CodePartsInvalid, 422, "The list of parts is wrong", "The list has a part twice, out of order, beyond the last one, without one that has arrived, or with another ETag.", "Correct the list, or leave it out: the API knows what has arrived."},
	{CodeOpenUploadLimit, 429, "Too many open uploads", "As many of the caller's videos wait for their file as the deployment allows.", "Upload or delete some of them, then try again after Retry-After; the operator sets maxOpenUploads."},
	{CodeRunningEncodeLimit, 429, "Too many encodes", "As many of the caller's videos are being encoded as the deployment allows.", "Wait until one is Complete or Error, then try again after Retry-After; the operator sets maxEncodes."},
	{CodeContended, 503, "Too many changes at once", "Others kept changing the video while this request tried to.", "Try again after Retry-After."},
	{CodeThrottled, 503, "Too many requests", "An AWS service asked the API to slow down.", "Try again after Retry-After."},
	{CodeUnavailable, 503, "A service is down", "An AWS service did not answer.", "Try again after Retry-After; nothing is lost."},
	{CodeInternal, 500, "Something went wrong", "Something happened that the API does not know.", "Try again; if it fails again, tell the operator the request id in the detail."},
}

// ExplainAPI is the explanation of a code, that of Internal for one that the
// API has not published.
func ExplainAPI(code Code) APICodeInfo {
	for _, info := range APICodes {
		if info.Code == code {
			return info
		}
	}
	return APICodes[len(APICodes)-1]
}

// APIErrorsDoc is the part of docs/errors.md about the REST API.
func APIErrorsDoc() string {
	var b strings.Builder
	b.WriteString(`
## Errors of the REST API

An error of the API is ` + "`application/problem+json`" + ` (RFC 9457): ` + "`type`, `title`, `status`, `detail`" + `,
` + "`code`" + ` from this list, and ` + "`field`" + ` where one is to blame. What API Gateway itself
refuses (401, 403, too many requests of all callers together with 429, and a body over 10 MB) is ` + "`application/json`" + ` with a ` + "`message`" + `.

| ` + "`code`" + ` | Status | Meaning | The client |
|---|---|---|---|
`)
	for _, c := range APICodes {
		fmt.Fprintf(&b, "| `%s` | %d | %s | %s |\n", c.Code, c.Status, c.Meaning, c.Client)
	}
	return b.String()
}
