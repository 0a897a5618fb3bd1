package main

import (
	"time"

	"github.com/vodstack/vodstack/internal/adapter/gateway"
	"github.com/vodstack/vodstack/internal/httpapi"
)

type settings struct {
	SourceBucket    string       `env:"SOURCE_BUCKET,notEmpty"`
	VideoTable      string       `env:"VIDEO_TABLE_NAME,notEmpty"`
	HistoryTable    string       `env:"HISTORY_TABLE_NAME,notEmpty"`
	RunningJobTable string       `env:"RUNNING_JOB_TABLE_NAME,notEmpty"`
	StateMachineARN string       `env:"STATE_MACHINE_ARN,notEmpty"`
	WorkQueueURL    string       `env:"WORK_QUEUE_URL,notEmpty"`
	Auth            gateway.Auth `env:"API_AUTH,notEmpty"`
	BaseURL         string       `env:"API_BASE_URL"` // empty for the gateway's own
	MaxBytes        int64        `env:"UPLOAD_MAX_BYTES,notEmpty"`
	SingleBytes     int64        `env:"UPLOAD_SINGLE_MAX_BYTES,notEmpty"`
	URLSeconds      int          `env:"UPLOAD_URL_SECONDS,notEmpty"`
	Types           []string     `env:"UPLOAD_TYPES,notEmpty"`
	ArchiveSource   string       `env:"ARCHIVE_SOURCE,notEmpty"`
	Options         []string     `env:"API_OPTIONS,notEmpty"`
	OpenUploads     int          `env:"MAX_OPEN_UPLOADS,notEmpty"`
	Encodes         int          `env:"MAX_ENCODES,notEmpty"`
}

func (s settings) limits() httpapi.Settings {
	return httpapi.Settings{
		SourceBucket:  s.SourceBucket,
		MaxBytes:      s.MaxBytes,
		SingleBytes:   s.SingleBytes,
		URLLife:       time.Duration(s.URLSeconds) * time.Second,
		Types:         s.Types,
		ArchiveSource: s.ArchiveSource,
		Options:       s.Options,
		OpenUploads:   s.OpenUploads,
		Encodes:       s.Encodes,
	}
}
