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
