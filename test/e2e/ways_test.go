package e2e

import (
	"bytes"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/vodstack/vodstack/test/clips"
)

// waysIn are the other ways by which a video gets into the source bucket.
func waysIn(t *testing.T) {
	t.Parallel()
	t.Run("a multipart upload", func(t *testing.T) {
		t.Parallel()
		key := newKey("parts.mp4")
		multipart(t, key, clips.Upper)
		arrived(t, key)
	})
	t.Run("a copy within the bucket", func(t *testing.T) {
		t.Parallel()
		s := world.videos
		original := s.upload(t, clips.Upper)
		arrived(t, original)
		key := newKey("copy.mov")
		_, err := s.S3.CopyObject(t.Context(), &s3.CopyObjectInput{
			Bucket: aws.String(s.Outputs["Source"]), Key: &key,
			CopySource: aws.String(s.Outputs["Source"] + "/" + (&url.URL{Path: original}).EscapedPath()),
		})
		if err != nil {
			t.Fatal(err)
		}
		arrived(t, key)
	})
	for _, name := range []string{"blåbær & söner +1 (50% off)?.mp4", "日本語のビデオ.MP4", `quote"s and 'quotes' #1.mp4`, "no.dots..here…mp4.mov"} {
		t.Run("a key named "+name, func(t *testing.T) {
			t.Parallel()
			named := clips.Upper
			file, err := world.clips.Make(named)
			if err != nil {
				t.Fatal(err)
			}
			key := newKey(name)
			if _, err := world.videos.Upload(t.Context(), key, file); err != nil {
				t.Fatal(err)
			}
			arrived(t, key)
		})
	}
}

// arrived asks that a video was published, and that srcVideo and the URLs
// are what they must be whatever its name.
func arrived(t *testing.T, key string) {
	t.Helper()
	s := world.videos
	end := s.ended(t, key, 3*time.Minute)
	if end.Text("workflowStatus") != "Complete" {
		t.Fatalf("ended in %s: %s", end.Text("errorCode"), end.Text("errorMessage"))
	}
	record, _ := s.item(t, end.Text("guid"))
	checkValues(t, record, map[string]any{"srcVideo": key})
	checkOutputs(t, record)
	checkStreams(t, clips.Upper, record)
}

// multipart uploads a clip in two parts; S3 wants all but the last one to
// have 5 MiB, so the first is stretched with a box that players skip.
func multipart(t *testing.T, key string, clip clips.Clip) {
	t.Helper()
	s := world.videos
	file, err := world.clips.Make(clip)
	if err != nil {
		t.Fatal(err)
	}
	video, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	bucket := aws.String(s.Outputs["Source"])
	upload, err := s.S3.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	var parts []types.CompletedPart
	for i, body := range [][]byte{padded(video), freeBox(1024)} {
		part, err := s.S3.UploadPart(t.Context(), &s3.UploadPartInput{
			Bucket: bucket, Key: &key, UploadId: upload.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: bytes.NewReader(body),
		})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{PartNumber: aws.Int32(int32(i + 1)), ETag: part.ETag})
	}
	_, err = s.S3.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: bucket, Key: &key, UploadId: upload.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// padded is a whole MP4 or MOV of at least 5 MiB.
func padded(video []byte) []byte { return append(video, freeBox(5<<20)...) }

// freeBox is a box of so many bytes that means nothing.
func freeBox(size int) []byte {
	box := make([]byte, size)
	copy(box, []byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size), 'f', 'r', 'e', 'e'})
	return box
}
