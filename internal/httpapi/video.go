package httpapi

import (
	"strconv"

	"github.com/vodstack/vodstack/internal/contract"
)

// Video is a row of the video table as its owner sees it. A field that does
// not apply is absent.
type Video struct {
	ID             string          `json:"id" format:"uuid" doc:"Names the video in every call." example:"0f8d2b0c-6c53-4c8e-9a53-2f1b7a3d9e10"`
	OwnerID        string          `json:"ownerId" doc:"The caller who created it, by kind: jwt: with the token's iss, a bar and its sub; iam: with the unique id of the user, or of the role and its session's name; cognito: with the identity's id." example:"jwt:https://issuer.example.com/|7b1d0c52-user"`
	EncodingStatus contract.Status `json:"encodingStatus" enum:"new,Ingest,Complete,Error" doc:"new until the upload has arrived, Ingest while it is encoded, then Complete or Error." example:"Ingest"`
	Progress       *int            `json:"progress,omitempty" minimum:"0" maximum:"100" doc:"How far the encode is, in percent." example:"42"`
	CreatedAt      string          `json:"createdAt" format:"date-time" example:"2026-11-23T16:00:00.000Z"`
	UpdatedAt      string          `json:"updatedAt" format:"date-time" doc:"When the row was last written." example:"2026-11-23T16:00:07.120Z"`

	Title       string  `json:"title,omitempty" doc:"As it was sent, untouched: escape it where it is shown." example:"Holiday by the sea"`
	FileName    string  `json:"fileName,omitempty" example:"holiday.mp4"`
	ContentType string  `json:"contentType,omitempty" example:"video/mp4"`
	Size        int64   `json:"size,omitempty" minimum:"1" doc:"Bytes, as announced." example:"73400320"`
	Metadata    Object  `json:"metadata,omitempty" doc:"Free metadata, as it was sent." example:"{\"camera\":\"A7\"}"`
	Options     Options `json:"options,omitempty" doc:"The options that the video is encoded with, where they differ from the stack's."`
	S3Key       string  `json:"s3key,omitempty" doc:"Where the file lies in the source bucket." example:"video/0f8d2b0c-6c53-4c8e-9a53-2f1b7a3d9e10/media.mp4"`
	VodGUID     string  `json:"vodGuid,omitempty" doc:"The pipeline's guid of the newest encode." example:"c1a7a5a8-52e7-5d7a-9a5c-0d7f3b1e2f44"`

	HLSURL         string               `json:"hlsUrl,omitempty" format:"uri" doc:"The HLS master playlist." example:"https://d111111abcdef8.cloudfront.net/c1a7a5a8-52e7-5d7a-9a5c-0d7f3b1e2f44/cmaf/holiday.m3u8"`
	DASHURL        string               `json:"dashUrl,omitempty" format:"uri" doc:"The DASH manifest."`
	MP4URLs        []string             `json:"mp4Urls,omitempty" doc:"MP4 files, the tallest first."`
	PlaceholderURL string               `json:"placeholderUrl,omitempty" format:"uri" doc:"The poster, a frame of the video."`
	ThumbnailURLs  []string             `json:"thumbnailUrls,omitempty" doc:"Further frames. Not in lists."`
	Renditions     []contract.Rendition `json:"renditions,omitempty" doc:"What was encoded. Not in lists."`
	Duration       int64                `json:"duration,omitempty" minimum:"0" doc:"Milliseconds." example:"63000"`
	Width          int                  `json:"width,omitempty" minimum:"0" doc:"Displayed pixels." example:"1920"`
	Height         int                  `json:"height,omitempty" minimum:"0" doc:"Displayed pixels." example:"1080"`

	ErrorCode    contract.Code `json:"errorCode,omitempty" doc:"Why there is no stream, a code of docs/errors.md." example:"SourceUnreadable"`
	ErrorMessage string        `json:"errorMessage,omitempty" doc:"The same in words: the code's meaning, with the file's name and the options that are to blame. What a service of AWS said is in the operator's record." example:"holiday.mp4: The file is not a video that the encoder can read: it is damaged, cut short, or something else under a video's name."`
	ErrorAction  string        `json:"errorAction,omitempty" doc:"What to do about it."`
}

func videoOf(row contract.VideoRow) Video {
	v := Video{
		ID: row.ID, OwnerID: row.OwnerID, EncodingStatus: row.EncodingStatus, Progress: row.Progress,
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
		Title: row.Title, FileName: row.FileName, ContentType: row.ContentType, Size: row.Size,
		Metadata: Object(row.Metadata), Options: Options(row.Options), S3Key: row.S3Key, VodGUID: row.VodGUID,
		HLSURL: webURL(row.HLSURL), DASHURL: webURL(row.DASHURL), MP4URLs: webURLs(row.MP4URLs),
		PlaceholderURL: webURL(row.PlaceholderURL), ThumbnailURLs: webURLs(row.ThumbnailURLs), Renditions: renditionsOf(row),
		Duration: row.Duration, Width: row.Width, Height: row.Height,
	}
	v.ErrorCode, v.ErrorMessage, v.ErrorAction = errorOf(row)
	return v
}

// etagOf is the row's version as a strong ETag.
func etagOf(row contract.VideoRow) string {
	return strconv.Quote(versionOf(row))
}

// progressETag is the ETag of a row with its encode's progress, which changes
// without the version.
func progressETag(row contract.VideoRow) string {
	if row.Progress == nil {
		return etagOf(row)
	}
	return strconv.Quote(versionOf(row) + "-" + strconv.Itoa(*row.Progress))
}

func versionOf(row contract.VideoRow) string { return "v" + strconv.FormatInt(row.Version, 10) }

// Event is one message about the video that was received.
type Event struct {
	GUID       string          `json:"guid" doc:"The encode that the message is about." example:"c1a7a5a8-52e7-5d7a-9a5c-0d7f3b1e2f44"`
	Status     contract.Status `json:"status" enum:"Ingest,Complete,Error" example:"Complete"`
	ReceivedAt string          `json:"receivedAt" format:"date-time" example:"2026-11-23T16:01:10.000Z"`
	Message    *EventMessage   `json:"message,omitempty" doc:"What of the message is the caller's; the topic and the tracking table have all of it."`
}
