package contract

import (
	"encoding/json"
	"fmt"
)

// messageLimit is what a message's body may have, in bytes: the 256 KiB of
// SNS and SQS, less room for the attributes, which count too.
const messageLimit = 254 * 1024

// A cut takes one thing out of a record that is too long, and names it.
type cut struct {
	name string
	take func(*Record)
}

// cuts in the order in which they are made: first what a reader of the
// message misses least.
var cuts = []cut{
	{"encodingOutput", func(r *Record) { r.EncodingOutput = nil }},
	{"encodingJob", func(r *Record) { r.EncodingJob = nil }},
	{"srcMediainfo", func(r *Record) { r.SrcMediainfo = "" }},
	{"thumbNails after the first ten", func(r *Record) {
		r.ThumbNails = firstTen(r.ThumbNails)
		r.ThumbNailsURLs = firstTen(r.ThumbNailsURLs)
		r.ThumbNailURL = firstTen(r.ThumbNailURL)
	}},
	{"free metadata", func(r *Record) { r.Free = nil }},
	{"warnings", func(r *Record) { r.Warnings = nil }},
	{"mp4 after the first ten", func(r *Record) {
		r.MP4Outputs, r.MP4URLs = firstTen(r.MP4Outputs), firstTen(r.MP4URLs)
	}},
}

func firstTen(list []string) []string { return list[:min(len(list), 10)] }

// fitted writes a record so that it fits a message: what is too long is cut,
// and a warning points to the record in the table.
func fitted(r Record, write func(Record) ([]byte, error)) ([]byte, error) {
	body, err := write(r)
	for _, c := range cuts {
		if err != nil || len(body) <= messageLimit {
			return body, err
		}
		c.take(&r)
		if c.name != "warnings" {
			r.Warnings = append(r.Warnings[:len(r.Warnings):len(r.Warnings)],
				fmt.Sprintf("%s left out of this message: it is in the table under guid %s", c.name, r.GUID))
		}
		body, err = write(r)
	}
	if err == nil && len(body) > messageLimit {
		return nil, fmt.Errorf("message about video %s has %d bytes even when cut; %d are allowed", r.GUID, len(body), messageLimit)
	}
	return body, err
}

// itemLimit is what a record may have, as JSON, in bytes: DynamoDB's 400 KB,
// less some room, since it counts a little differently.
const itemLimit = 390_000

// FitItem returns a record that fits the table. What is too long is cut, and
// a warning says so.
func FitItem(r Record) (Record, error) {
	for _, c := range cuts {
		text, err := encode(r)
		if err != nil || len(text) <= itemLimit {
			return r, err
		}
		if c.name == "encodingOutput" || c.name == "thumbNails after the first ten" || c.name == "warnings" {
			c.take(&r)
			r.Warnings = append(r.Warnings[:len(r.Warnings):len(r.Warnings)], c.name+" left out: the record would be too long")
		}
	}
	return r, nil
}

// EventLimit is what the record keeps of a job's last event, in bytes, so
// that the item stays under DynamoDB's 400 KB beside everything else.
const EventLimit = 128 * 1024

// TrimEvent returns a job event that fits the record: as it came, or without
// the details of each output, which the published fields repeat.
func TrimEvent(event json.RawMessage) json.RawMessage {
	if len(event) <= EventLimit {
		return event
	}
	var parsed JobEvent
	if json.Unmarshal(event, &parsed) != nil {
		return nil
	}
	for i := range parsed.Detail.OutputGroupDetails {
		group := &parsed.Detail.OutputGroupDetails[i]
		group.OutputDetails = group.OutputDetails[:min(len(group.OutputDetails), 50)]
	}
	short, err := encode(parsed)
	if err != nil || len(short) > EventLimit {
		return nil
	}
	return short
}
