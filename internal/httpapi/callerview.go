package httpapi

import (
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/step"
)

// What a caller reads of what comes from inside. The record, the topic's
// messages and the row's errorMessage are the operator's: they quote AWS
// services, which name accounts, roles, buckets and requests. So nothing of
// them is passed on as it is; each field is on a list, and is checked.

// EventMessage is what a caller reads of a message of the topic.
type EventMessage struct {
	GUID         string          `json:"guid" doc:"As of the event."`
	Status       contract.Status `json:"status" doc:"As of the event."`
	StartTime    string          `json:"startTime,omitempty" format:"date-time" doc:"When the encode started." example:"2026-11-23T16:00:08.000Z"`
	EndTime      string          `json:"endTime,omitempty" format:"date-time" doc:"When it ended." example:"2026-11-23T16:01:09.000Z"`
	SrcVideo     string          `json:"srcVideo,omitempty" doc:"The video's s3key." example:"video/0f8d2b0c-6c53-4c8e-9a53-2f1b7a3d9e10/media.mp4"`
	SrcWidth     int             `json:"srcWidth,omitzero" minimum:"1" doc:"Displayed pixels." example:"1920"`
	SrcHeight    int             `json:"srcHeight,omitzero" minimum:"1" doc:"Displayed pixels." example:"1080"`
	HLSURL       string          `json:"hlsUrl,omitempty" format:"uri"`
	DASHURL      string          `json:"dashUrl,omitempty" format:"uri"`
	MP4URLs      []string        `json:"mp4Urls,omitempty"`
	ThumbNailURL []string        `json:"thumbNailUrl,omitempty" doc:"The poster, then further frames."`
	ErrorCode    contract.Code   `json:"errorCode,omitempty" example:"SourceUnreadable"`
	ErrorMessage string          `json:"errorMessage,omitempty" doc:"As of a video."`
}

// mostPixels is more than a picture's side has.
const mostPixels = 100_000

// eventOf is a message that was received about a row's video.
func eventOf(event contract.RowEvent, row contract.VideoRow) Event {
	shown := Event{GUID: event.GUID, Status: event.Status, ReceivedAt: event.ReceivedAt}
	var m EventMessage // names are read letter by letter: free metadata called HLSURL is no URL
	if json.Unmarshal(event.Message, &m) != nil {
		return shown
	}
	m.GUID, m.Status = event.GUID, event.Status
	m.StartTime, m.EndTime = timeOrNone(m.StartTime), timeOrNone(m.EndTime)
	if m.SrcVideo != row.S3Key {
		m.SrcVideo = ""
	}
	if min(m.SrcWidth, m.SrcHeight) < 0 || max(m.SrcWidth, m.SrcHeight) > mostPixels {
		m.SrcWidth, m.SrcHeight = 0, 0
	}
	m.HLSURL, m.DASHURL = webURL(m.HLSURL), webURL(m.DASHURL)
	m.MP4URLs, m.ThumbNailURL = webURLs(m.MP4URLs), webURLs(m.ThumbNailURL)
	row.ErrorCode, row.ErrorMessage = m.ErrorCode, m.ErrorMessage
	m.ErrorCode, m.ErrorMessage, _ = errorOf(row)
	shown.Message = &m
	return shown
}

// errorOf is a row's error in the words of the published list, with what the
// caller has sent, and what to do about it.
func errorOf(row contract.VideoRow) (code contract.Code, message, action string) {
	if row.ErrorCode == "" {
		return "", "", ""
	}
	info, ok := contract.Explain(row.ErrorCode)
	if !ok { // of a newer version
		info, _ = contract.Explain(contract.CodeInternal)
	}
	message = info.Meaning
	switch info.Code {
	case contract.CodeMetadataInvalid, contract.CodeOptionUnavailable:
		if why := refusedOption(row.Options); why != "" {
			message = "The video's options cannot be used: " + why + "."
		}
	case contract.CodeJobTemplateUnknown, contract.CodeJobTemplateInvalid:
		if name := jobTemplateIn(row.Options); name != "" {
			message += fmt.Sprintf(" jobTemplate is %q.", name)
		}
	}
	if number, ok := contract.JobErrorNumber(row.ErrorMessage); ok {
		message += fmt.Sprintf(" MediaConvert's error code is %d.", number)
	}
	if row.FileName != "" {
		message = row.FileName + ": " + message
	}
	return info.Code, message, info.Uploader
}

// refusedOption is what is wrong with the options that a video was created
// with, empty where nothing is. Whether the stack has archives the pipeline
// knew; here it counts as right.
func refusedOption(options string) string {
	if options == "" {
		return ""
	}
	_, why := step.CheckOptions(options, "GLACIER")
	return why
}

func jobTemplateIn(options string) string {
	var asked struct {
		JobTemplate string `json:"jobTemplate"`
	}
	if json.Unmarshal([]byte(options), &asked) != nil {
		return ""
	}
	return asked.JobTemplate
}

func timeOrNone(text string) string {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || contract.Time(t) != text {
		return ""
	}
	return text
}

// webURL is a URL that a player can open, or nothing: an s3:// URI is none,
// and neither is one with a query, which delivery never writes.
func webURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return ""
	}
	return text
}

func webURLs(texts []string) (all []string) {
	for _, text := range texts {
		if u := webURL(text); u != "" {
			all = append(all, u)
		}
	}
	return all
}

// renditionTypes are the output groups that a rendition can be of.
var renditionTypes = []string{"CMAF", "HLS", "DASH", "MSS", "MP4"}

func renditionsOf(row contract.VideoRow) (all []contract.Rendition) {
	for _, r := range row.Renditions {
		if slices.Contains(renditionTypes, r.Type) {
			all = append(all, r)
		}
	}
	return all
}
