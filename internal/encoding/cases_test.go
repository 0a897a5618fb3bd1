package encoding_test

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"testing"

	awsmediaconvert "github.com/aws/aws-sdk-go-v2/service/mediaconvert"

	"github.com/vodstack/vodstack/internal/adapter/mediaconvert"
	"github.com/vodstack/vodstack/internal/encoding"
	"github.com/vodstack/vodstack/internal/testkit/awstest"
	"github.com/vodstack/vodstack/internal/video"
)

// planCase is a source whose whole CreateJob request is kept as a golden. What
// is known of the source is an answer of Probe in testdata/probe, under the
// case's own name or that of another case.
type planCase struct {
	name   string
	key    string
	answer string
	opts   encoding.Options
}

func cases() []planCase {
	plain := encoding.DefaultOptions()
	everything := encoding.With(func(o *encoding.Options) {
		o.Outputs = []encoding.Output{encoding.CMAF, encoding.HLS, encoding.DASH, encoding.MP4}
	})
	const hd = "1080 lines"
	return []planCase{
		{"car 432 lines", "media/car-768x432-aac.mp4", "", plain},
		{"silent 360 lines", "bottle-640x360-silent.mp4", "", plain},
		{"4x3 in Matroska", "book-640x480-4x3.mkv", "", plain},
		{"1080 lines", "hd.mp4", "", plain},
		{"2160 lines at 60 frames", "uhd.mov", "", plain},
		{"1088 lines take the place of 1080", "coded.mp4", "", plain},
		{"portrait phone video", "IMG 0001.MOV", "", plain},
		{"upside down phone video", "IMG_0002.MOV", "", plain},
		{"turned by the option", "flat.mp4", hd, encoding.With(func(o *encoding.Options) { o.InputRotate = "DEGREES_90" })},
		{"rotation of the file turned off", "IMG_0003.MOV", "", encoding.With(func(o *encoding.Options) { o.InputRotate = "DEGREE_0" })},
		{"turned in Matroska", "phone.mkv", "", plain},
		{"turned transport stream", "phone.ts", "", plain},
		{"interlaced on its side", "camera.mov", "", plain},
		{"4x4x4 on its side", "screen.mp4", "", plain},
		{"2160 lines at 120 frames", "sport.mov", "", plain},
		{"4096 by 2304 at 60 frames", "cinema.mp4", "", plain},
		{"8192 wide at 75 frames", "sphere.mp4", "", plain},
		{"square", "square.mp4", "", plain},
		{"odd size", "odd.mp4", "", plain},
		{"under the smallest rung", "tiny.3gp", "", plain},
		{"interlaced anamorphic PAL", "dv.mov", "", plain},
		{"anamorphic transport stream", "broadcast.ts", "", plain},
		{"anamorphic program stream", "dvd.vob", "", plain},
		{"HDR", "hdr.mov", "", plain},
		{"HDR in MP4", "hdr.mp4", "", plain},
		{"HDR in Matroska", "hdr.mkv", "", plain},
		{"HDR in a transport stream", "hdr.ts", "", plain},
		{"sound only", "talk.m4a", "", plain},
		{"sound only in every output", "talk.m4a", "sound only", everything},
		{"surround", "film.mkv", "", plain},
		{"two languages in every output", "film.mov", "", everything},
		{"commentary in the same language", "film.mp4", "", plain},
		{"a mono track", "phone.mp4", "", plain},
		{"mono tracks of a production master", "master.mxf", "", plain},
		{"one language in every output", "hd.mp4", "car 432 lines", everything},
		{"top rung 720", "hd.mp4", hd, encoding.With(func(o *encoding.Options) { o.TopRung = 720 })},
		{"no frame capture, accelerated", "hd.mp4", hd, encoding.With(func(o *encoding.Options) {
			o.FrameCapture, o.AcceleratedTranscoding = false, "PREFERRED"
		})},
		{"100 hours", "camera.ts", "", plain},
		{"one frame", "blink.mp4", "", plain},
		{"neither duration nor frame rate known", "odd.ts", "", plain},
		{"1000 frames a second", "slow.mp4", "", plain},
		{"panorama", "pano.mp4", "", plain},
		{"a key that no URL takes", "up/../Урок №1: $dt$ 100%?.mp4", "", plain},
	}
}

// answerOf is what Probe says of a case's source, on the wire.
func (c planCase) answerOf(t *testing.T) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", "probe", encoding.FileName(cmp.Or(c.answer, c.name))))
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// service answers every Probe alike and takes every job.
func (c planCase) service(t *testing.T) (*awstest.Service, *awsmediaconvert.Client) {
	t.Helper()
	probed := c.answerOf(t)
	s := &awstest.Service{Reply: func(call awstest.Call) awstest.Answer {
		if call.Path == "/2017-08-29/probe" {
			return awstest.Answer{Body: probed}
		}
		return awstest.Answer{Status: 201, Body: `{"job":{"id":"1-a","role":"r","settings":{}}}`}
	}}
	return s, awsmediaconvert.NewFromConfig(s.Config(t))
}

// planned is the plan of a case, made of what production reads in the answer.
func (c planCase) planned(t *testing.T) encoding.Planned {
	t.Helper()
	_, client := c.service(t)
	planned, err := encoding.Plan(encoding.SourceOf(c.key), c.media(t, client), c.opts)
	if err != nil {
		t.Fatal(err)
	}
	return planned
}

func (c planCase) media(t *testing.T, client *awsmediaconvert.Client) video.Media {
	t.Helper()
	media, err := (&mediaconvert.Prober{Client: client, Bucket: "source-bucket"}).Probe(context.Background(), c.key)
	if err != nil {
		t.Fatal(err)
	}
	return media
}

// created is the CreateJob request of a case, as it goes over the wire.
func (c planCase) created(t *testing.T) []byte {
	t.Helper()
	service, client := c.service(t)
	planned, err := encoding.Plan(encoding.SourceOf(c.key), c.media(t, client), c.opts)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&mediaconvert.Jobs{Client: client}).Submit(context.Background(), planned.Job); err != nil {
		t.Fatal(err)
	}
	calls := service.Calls()
	return []byte(calls[len(calls)-1].Body)
}
