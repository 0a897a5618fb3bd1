package video_test

import (
	"testing"

	"github.com/vodstack/vodstack/internal/video"
)

func TestAFileIsAVideoByItsExtensionInAnyLetterCase(t *testing.T) {
	for name, want := range map[string]string{
		"a.mp4": "mp4", "A.MOV": "mov", "folder.mp4/x.MkV": "mkv", "two.parts.webm": "webm", ".mp4": "mp4",
		"a": "", "a.": "", "": "", "mp4": "", "a.txt": "", "a.mp4/": "", "a.mp4.json": "", "a.mp4 ": "",
	} {
		ext, ok := video.Extension(name)
		if ok != (want != "") || ok && ext != want {
			t.Errorf("extension of %q is %q, %v; want %q", name, ext, ok, want)
		}
	}
}

func TestEveryExtensionIsWrittenAsKeysHaveIt(t *testing.T) {
	for _, ext := range video.Extensions() {
		if got, ok := video.Extension("x." + ext); !ok || got != ext {
			t.Errorf("%q is %q, %v", ext, got, ok)
		}
	}
}
