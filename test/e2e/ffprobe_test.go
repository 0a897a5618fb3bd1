package e2e

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// probedStream is what ffprobe says of one track.
type probedStream struct {
	CodecType         string `json:"codec_type"`
	CodecName         string `json:"codec_name"`
	PixFmt            string `json:"pix_fmt"`
	Width, Height     int
	SampleAspectRatio string                   `json:"sample_aspect_ratio"`
	AvgFrameRate      string                   `json:"avg_frame_rate"`
	SideData          []struct{ Rotation int } `json:"side_data_list"`
}

type probed struct {
	Format  struct{ Duration string }
	Streams []probedStream
}

func probe(t *testing.T, address string) probed {
	t.Helper()
	var p probed
	out, err := exec.Command("ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", address).Output()
	if err != nil {
		t.Fatalf("ffprobe cannot read %s: %v", address, err)
	}
	if err := json.Unmarshal(out, &p); err != nil {
		t.Fatal(err)
	}
	return p
}
