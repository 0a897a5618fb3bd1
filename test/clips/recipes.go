package clips

import (
	"fmt"
	"os"
	"strings"
)

// words splits a recipe at its spaces.
func words(recipe string) []string { return strings.Fields(recipe) }

// same copies a clip of media/ as it is.
func same(file string) []string { return words("-i " + file + " -map 0 -c copy") }

// silent is some seconds of the car clip through a filter, without sound. It
// begins where the car comes in, since nothing moves before.
func silent(seconds int, filter string, more ...string) []string {
	args := words(fmt.Sprintf("-ss 5 -i car-768x432-aac.mp4 -t %d -map 0:v -preset veryfast -pix_fmt yuv420p -vf %s", seconds, filter))
	return append(args, more...)
}

// withBeep is silent with a tone: the car clip's own sound track is silence.
func withBeep(seconds int, filter string, more ...string) []string {
	args := words(fmt.Sprintf("-ss 5 -i car-768x432-aac.mp4 -f lavfi -i sine=frequency=440 -t %d -map 0:v -map 1:a -preset veryfast -pix_fmt yuv420p -ac 2 -c:a aac -vf %s", seconds, filter))
	return append(args, more...)
}

// text makes a file of these bytes.
func text(content string) func(string) error {
	return func(path string) error { return os.WriteFile(path, []byte(content), 0o644) }
}

// half cuts a file in the middle.
func half(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()/2)
}

// Looped is the car clip again and again, without a new encode, at least
// seconds long.
func Looped(path string, seconds int) error {
	times := seconds / int(Car.Seconds)
	return ffmpeg(append(words(fmt.Sprintf("-stream_loop %d -i car-768x432-aac.mp4 -map 0 -c copy", times)), path)...)
}
