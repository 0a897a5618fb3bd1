// Package config is the stack's configuration: one typed value per stage,
// read from CDK context, validated once, and passed down from there.
package config

import (
	"net/url"
	"strings"

	"github.com/vodstack/vodstack/internal/encoding"
)

// Stage says what a stack is for, and with that what happens to its data.
type Stage string

// The stages. Only Prod keeps its data when the stack is deleted.
const (
	Prod  Stage = "prod"
	Dev   Stage = "dev"
	Local Stage = "local"
)

// Trigger says which uploads start a video.
type Trigger string

// The triggers: the video itself, or a JSON file uploaded after it.
const (
	VideoFile    Trigger = "VideoFile"
	MetadataFile Trigger = "MetadataFile"
)

// Config is everything that can be chosen about a stack. Zero values of
// optional members mean "not set"; the units are in the names.
type Config struct {
	Stage        Stage
	StackName    string
	Architecture string // arm64 or x86_64, of the functions
	Retain       bool   // stateful resources survive the stack

	Trigger Trigger
	// Encoding is handed to the functions as it is.
	Encoding              encoding.Options
	Codecs                []string
	MediaConvertQueueARN  string
	EncodeDeadlineMinutes int
	QueueDeadlineMinutes  int
	EncodeCheckSeconds    int
	MaxDurationMinutes    int // of a source
	MaxPixels             int // of a source's picture
	ArchiveDays           int
	OldVersionDays        int
	AbandonedUploadDays   int
	LogRetentionDays      int
	AdminEmail            string
	AlarmEmail            string
	LateVideoMinutes      int
	ResultQueueAgeMinutes int
	CORSOrigins           []string
	PriceClass            string
	DomainName            string
	CertificateARN        string
	DeliveryBaseURL       string // no slash at the end
	API                   API
	Upload                Upload
	UnknownVideosAlarm    bool
}

// API is what can be chosen about the integration's REST API.
type API struct {
	JWTIssuer   string   // who signs the tokens; empty where callers sign with IAM
	JWTAudience []string // whom the tokens are for
	JWTScopes   []string // of which a token must carry one; none where any token does
	Open        bool     // no authorization at all, on one machine only
	BaseURL     string   // no slash at the end; empty for the API's own
	RateLimit   int      // requests a second
	BurstLimit  int      // requests at once
	Options     []string // that a caller may set
	OpenUploads int      // of one owner, at most
	Encodes     int      // of one owner on their way, at most
}

// Auth says how callers prove who they are.
type Auth string

// The ways: SigV4 of IAM, a token of an issuer, or not at all.
const (
	AuthIAM  Auth = "IAM"
	AuthJWT  Auth = "JWT"
	AuthOpen Auth = "OPEN"
)

// Auth is IAM unless something else was asked for. Open wins, so that a
// local stack needs nothing of the issuer that cdk.json has.
func (a API) Auth() Auth {
	switch {
	case a.Open:
		return AuthOpen
	case a.JWTIssuer != "":
		return AuthJWT
	}
	return AuthIAM
}

// Upload is what the API lets clients upload, and how.
type Upload struct {
	MaxBytes       int      // of one video
	SinglePutBytes int      // up to here by one PUT, above it in parts
	URLSeconds     int      // how long a presigned URL lives
	Types          []string // content types; the second half may be a star
}

// DeliveryHost is the host (and port) that videos are delivered from, or
// empty when it is the distribution's own, which only the deploy knows.
func (c Config) DeliveryHost() string {
	if c.DeliveryBaseURL != "" {
		return c.DeliveryBaseURL[strings.Index(c.DeliveryBaseURL, "://")+3:]
	}
	return c.DomainName
}

// DeliveryBase is the URL that keys are appended to, after a slash; empty
// when it is the distribution's own.
func (c Config) DeliveryBase() string {
	switch {
	case c.DeliveryBaseURL != "":
		return c.DeliveryBaseURL
	case c.DomainName != "":
		return (&url.URL{Scheme: "https", Host: c.DomainName}).String()
	}
	return ""
}
