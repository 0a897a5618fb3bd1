package main

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/vodstack/vodstack/internal/contract"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/video"
	"github.com/vodstack/vodstack/test/clips"
)

const (
	objectETag    = "9a0364b9e99bb480dd25e1f0284c8555"
	objectVersion = "3HL4kqtJvjVBH40Nrjfkd"
	benchID       = "00000000-0000-4000-8000-000000000001"
	benchJob      = "1767225600123-abcdef"
	benchSource   = "sourcebucket"
	benchOutput   = "destinationbucket"
	// Upload, job and end of the bench's video.
	benchStart = "2026-01-01T00:00:00.000Z"
	benchEnd   = "2026-01-01T00:05:00.000Z"
)

// benchProbe is what MediaConvert says of a minute of 720p.
const benchProbe = `{"probeResults":[{"container":{"format":"mp4","duration":60.0,"tracks":[` +
	`{"index":1,"trackType":"video","codec":"AVC","duration":60.0,"videoProperties":{"width":1280,"height":720,"bitRate":4000000,"bitDepth":8,` +
	`"frameRate":{"numerator":25,"denominator":1},"colorPrimaries":"ITU_709","codecMetadata":{"profile":"High","scanType":"PROGRESSIVE"}}},` +
	`{"index":2,"trackType":"audio","codec":"AAC","duration":60.0,"audioProperties":{"channels":2,"sampleRate":48000,"languageCode":"eng","bitRate":128000}}]},` +
	`"metadata":{"fileSize":31000000,"eTag":"` + objectETag + `","mimeType":"video/mp4"},"trackMappings":[{"videoTrackIndexes":[1],"audioTrackIndexes":[2]}]}]}`

// defaultOptions are the stack's own.
var defaultOptions = encoding.Options{
	Outputs: []encoding.Output{encoding.CMAF, encoding.MP4}, TopRung: 2160, FrameCapture: true, FrameCaptureSeconds: 5,
	InputRotate: "AUTO", AcceleratedTranscoding: "DISABLED", ArchiveSource: "DISABLED", EnableSns: true, EnableSqs: true,
}

// A plainVideo is one minute of 720p that was created through the API.
type plainVideo struct {
	execution contract.Execution
	planned   contract.Record // and submitted: what the functions find
	complete  contract.Record
	failed    contract.Record
	event     json.RawMessage // of the job's end
	row       contract.VideoRow
}

func newPlainVideo() (*plainVideo, error) {
	key := contract.SourceKey(benchID, "mp4")
	v := &plainVideo{execution: contract.Execution{
		GUID: contract.GUID(benchSource, key, objectVersion), Trigger: contract.TriggerVideo, SrcBucket: benchSource, SrcVideo: key,
		VersionID: objectVersion, Size: 31_000_000, ETag: objectETag, EventTime: benchStart,
	}}
	v.row = contract.VideoRow{
		ID: benchID, S3Key: key, EncodingStatus: contract.StatusNew, Title: "Holiday", OwnerID: "bench", FileName: "holiday.mp4",
		ContentType: "video/mp4", Size: 31_000_000, Metadata: `{"album":"sea"}`, CreatedAt: benchStart,
	}.Created()
	if err := v.plan(); err != nil {
		return nil, err
	}
	event, err := json.Marshal(v.jobEvent())
	if err != nil {
		return nil, err
	}
	v.event = event
	v.complete = v.planned
	v.complete.EncodingOutput = event
	v.complete.WorkflowStatus, v.complete.EndTime, v.complete.Progress = contract.StatusComplete, benchEnd, new(100)
	delivery := contract.Delivery{Bucket: benchOutput, Base: "https://d111111abcdef8.cloudfront.net"}
	v.complete.Outputs, _ = delivery.Collect(v.jobEvent().Detail.OutputGroupDetails)
	v.complete.Outputs.SetThumbnails(delivery, append([]string{v.output("thumbnails/media_poster.0000001.jpg")}, v.pictures("_thumb", 12)...))
	v.failed = v.planned
	v.failed.WorkflowStatus, v.failed.EndTime = contract.StatusError, benchEnd
	v.failed.ErrorCode, v.failed.ErrorMessage, v.failed.WorkflowErrorAt = contract.CodeJobFailed, "MediaConvert gave up.", "Encode"
	return v, nil
}

// plan makes the record as it stands while the job runs.
func (v *plainVideo) plan() error {
	media := video.Media{
		Filename: "media.mp4", Format: "mp4", Size: v.execution.Size, Duration: time.Minute, Bitrate: 4_130_000,
		Video: []video.VideoTrack{{Codec: "AVC", Profile: "High", Bitrate: 4_000_000, Duration: time.Minute, FrameCount: 1500, Width: 1280, Height: 720,
			FrameRate: video.Ratio{Num: 25, Den: 1}, ScanType: "PROGRESSIVE", BitDepth: 8, ColorSpace: "ITU_709"}},
		Audio: []video.AudioTrack{{Codec: "AAC", Bitrate: 128_000, Duration: time.Minute, Language: "eng", Channels: 2, SamplingRate: 48_000}},
	}
	planned, err := encoding.Plan(encoding.Source{
		GUID: v.execution.GUID, Bucket: benchSource, Key: v.execution.SrcVideo, DestinationBucket: benchOutput, Workflow: "vod",
		RoleARN: "arn:aws:iam::123456789012:role/vod-EncoderRole",
	}, media, defaultOptions)
	if err != nil {
		return err
	}
	job, err := json.Marshal(planned.Job)
	if err != nil {
		return err
	}
	info, err := contract.MediainfoText(media)
	if err != nil {
		return err
	}
	v.planned = contract.Record{
		Core: contract.Core{
			GUID: v.execution.GUID, StartTime: benchStart, WorkflowTrigger: contract.TriggerVideo, WorkflowStatus: contract.StatusIngest,
			WorkflowName: "vod", SrcBucket: benchSource, SrcVideo: v.execution.SrcVideo, DestBucket: benchOutput,
			CloudFront: "d111111abcdef8.cloudfront.net", FrameCapture: new(true), EnableSns: new(true), EnableSqs: new(true),
			EnableMediaPackage: new(false), ArchiveSource: "DISABLED", InputRotate: "AUTO", AcceleratedTranscoding: "DISABLED",
			IsCustomTemplate: new(false), SrcWidth: 1280, SrcHeight: 720, EncodingProfile: planned.Profile,
		},
		Heavy: contract.Heavy{SrcMediainfo: info, EncodingJob: job},
		Internal: contract.Internal{
			SrcVersionID: objectVersion, SrcETag: objectETag, SrcSize: v.execution.Size, IngestSentAt: benchStart,
		},
	}
	return nil
}

// benchToken is as long as those of Step Functions often are.
var benchToken = "AQCsAAAAKgAAAAMAAAAAAAAAA" + fmt.Sprintf("%0700d", 0)

func (v *plainVideo) output(name string) string { return v.execution.GUID + "/" + name }

func (v *plainVideo) pictures(kind string, n int) (keys []string) {
	for i := range n {
		keys = append(keys, v.output(fmt.Sprintf("thumbnails/media%s.%07d.jpg", kind, i)))
	}
	return keys
}

// jobEvent is the event of the job's end.
func (v *plainVideo) jobEvent() contract.JobEvent {
	uri := func(name string) string { return "s3://" + benchOutput + "/" + v.output(name) }
	details := func(height int, paths ...string) contract.OutputDetail {
		return contract.OutputDetail{OutputFilePaths: paths, DurationInMs: 60_000, VideoDetails: json.RawMessage(fmt.Sprintf(
			`{"widthInPx":%d,"heightInPx":%d,"averageBitrate":%d,"qvbrAvgQuality":7.5,"qvbrMinQuality":6.9,"qvbrMaxQuality":8}`, height*16/9, height, height*4000))}
	}
	cmaf := contract.OutputGroup{Type: "CMAF_GROUP", PlaylistFilePaths: []string{uri("cmaf/media.mpd"), uri("cmaf/media.m3u8")}}
	for _, height := range []int{720, 540, 360, 270} {
		cmaf.OutputDetails = append(cmaf.OutputDetails, details(height, uri(fmt.Sprintf("cmaf/media_%dp.m3u8", height))))
	}
	cmaf.OutputDetails = append(cmaf.OutputDetails, contract.OutputDetail{OutputFilePaths: []string{uri("cmaf/media_audio.m3u8")}, DurationInMs: 60_000})
	return contract.JobEvent{Source: "aws.mediaconvert", DetailType: "MediaConvert Job State Change", Time: benchEnd, Detail: contract.JobDetail{
		Timestamp: 1767225900000, JobID: benchJob, Status: contract.JobComplete,
		UserMetadata: map[string]string{"guid": v.execution.GUID, "workflow": "vod"},
		OutputGroupDetails: []contract.OutputGroup{
			cmaf,
			{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{details(720, uri("mp4/media_720p.mp4"))}},
			{Type: "FILE_GROUP", OutputDetails: []contract.OutputDetail{
				details(720, uri("thumbnails/media_thumb.0000011.jpg")), details(720, uri("thumbnails/media_poster.0000011.jpg")),
			}},
		},
	}}
}

// store puts the source and what the job has written into the buckets: the
// frames are real ones.
func (v *plainVideo) store(ctx context.Context, c *cloud, maker *clips.Maker) error {
	path, err := maker.Make(clips.Car)
	if err != nil {
		return err
	}
	source, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	c.put(benchSource, v.execution.SrcVideo, source)
	frames := filepath.Join(maker.Dir, "frame.%d.jpg")
	cmd := exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-y", "-i", path, "-vf", "fps=0.4,scale=1280:720,setsar=1", "-q:v", "4", frames)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("take frames: %w: %s", err, out)
	}
	for i := range 12 {
		frame, err := os.ReadFile(fmt.Sprintf(frames, i+1))
		if err != nil {
			return err
		}
		c.put(benchOutput, v.pictures("_thumb", 12)[i], frame)
		c.put(benchOutput, v.pictures("_poster", 12)[i], frame)
	}
	for _, name := range []string{
		"cmaf/media.m3u8", "cmaf/media.mpd", "cmaf/media_720p.m3u8", "cmaf/media_540p.m3u8", "cmaf/media_360p.m3u8", "cmaf/media_270p.m3u8",
		"cmaf/media_audio.m3u8", "mp4/media_720p.mp4",
	} {
		c.put(benchOutput, v.output(name), []byte(name))
	}
	for segment := range 50 {
		c.put(benchOutput, v.output(fmt.Sprintf("cmaf/media_720p_%09d.cmfv", segment)), nil)
	}
	return nil
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}
