package httpapi

// Upload says how the file is uploaded, or the parts of it that are asked
// for: with one PUT, or as a multipart upload.
type Upload struct {
	Type      string            `json:"type" enum:"single,multipart" doc:"single: one PUT. multipart: one PUT for each part, then POST /videos/{id}/upload/complete." example:"single"`
	Method    string            `json:"method,omitempty" enum:"PUT" doc:"Of a single upload." example:"PUT"`
	URL       string            `json:"url,omitempty" format:"uri" doc:"Of a single upload: presigned, for exactly this content type and length, and only while nothing has been uploaded."`
	Headers   map[string]string `json:"headers,omitempty" doc:"Of a single upload: the headers that must be sent with it."`
	PartSize  int64             `json:"partSize,omitempty" minimum:"1" doc:"Bytes of each part; the last one is shorter." example:"16777216"`
	PartCount int               `json:"partCount,omitempty" minimum:"1" maximum:"10000" example:"5"`
	Parts     []Part            `json:"parts,omitempty" doc:"The parts from the one that was asked for."`
	NextPart  int               `json:"nextPart,omitempty" minimum:"2" maximum:"10000" doc:"Where the next page begins: GET /videos/{id}/upload?part=…; absent on the last page." example:"101"`
	ExpiresAt string            `json:"expiresAt" format:"date-time" doc:"When the URLs expire; GET /videos/{id}/upload gives fresh ones." example:"2026-11-23T17:00:00.000Z"`
}

// Part is one part of a multipart upload.
type Part struct {
	Number int    `json:"partNumber" minimum:"1" maximum:"10000" example:"1"`
	URL    string `json:"url" format:"uri" doc:"Presigned, for exactly this part's length."`
	ETag   string `json:"etag,omitempty" doc:"Where the part has arrived: it need not be uploaded again." example:"9b2cf535f27731c974343645a3985328"`
}

// CompletedPart is what the client knows of a part that it has uploaded.
type CompletedPart struct {
	Number Whole  `json:"partNumber" minimum:"1" maximum:"10000" example:"1"`
	ETag   string `json:"etag" minLength:"1" maxLength:"128" doc:"The ETag that the part's PUT answered with, with or without quotes." example:"9b2cf535f27731c974343645a3985328"`
}
