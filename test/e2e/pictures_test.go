package e2e

import (
	"image"
	_ "image/jpeg"
	"io"
	"math"
	"net/http"
	"testing"

	"github.com/vodstack/vodstack/test/clips"
)

// application is the origin of a page of this machine that is not the engine's.
const application = "http://localhost:3000"

// fetch reads a small file, as a page of another origin would.
func fetch(t *testing.T, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Origin", application)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", address, response.Status, err)
	}
	if origin := response.Header.Get("Access-Control-Allow-Origin"); origin != "*" && origin != application {
		t.Errorf("%s may not be read by a page of another origin (%q)", address, origin)
	}
	return string(body)
}

// checkPictures looks at the poster and the thumbnails.
func checkPictures(t *testing.T, clip clips.Clip, record map[string]any) {
	t.Helper()
	urls := texts(record["thumbNailUrl"])
	if clip.Width == 0 {
		return
	}
	// The poster, and one thumbnail every five seconds from the start.
	if want := 1 + int(math.Ceil(clip.Seconds/5)); len(urls) < want {
		t.Errorf("%d pictures, want at least %d", len(urls), want)
	}
	for i, address := range urls {
		picture := decode(t, address)
		got := float64(picture.Bounds().Dx()) / float64(picture.Bounds().Dy())
		if want := float64(clip.Width) / float64(clip.Height); math.Abs(got/want-1) > 0.02 {
			t.Errorf("%s is shaped %.3f, the video %.3f", address, got, want)
		}
		if light := brightness(picture); i == 0 && light < 20 && !clip.Dark {
			t.Errorf("the poster is black (%.0f of 255)", light)
		}
	}
}

func decode(t *testing.T, address string) image.Image {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if kind := response.Header.Get("Content-Type"); kind != "image/jpeg" {
		t.Errorf("%s comes as %q, want image/jpeg", address, kind)
	}
	picture, _, err := image.Decode(response.Body)
	if err != nil {
		t.Fatalf("%s is no picture: %v", address, err)
	}
	return picture
}

// brightness is the mean luma of a picture, 0 to 255.
func brightness(picture image.Image) float64 {
	var sum, dots float64
	for y := picture.Bounds().Min.Y; y < picture.Bounds().Max.Y; y += 4 {
		for x := picture.Bounds().Min.X; x < picture.Bounds().Max.X; x += 4 {
			r, g, b, _ := picture.At(x, y).RGBA()
			sum += (0.2126*float64(r) + 0.7152*float64(g) + 0.0722*float64(b)) / 257
			dots++
		}
	}
	return sum / dots
}
