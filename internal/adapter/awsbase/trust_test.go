package awsbase

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFoldersOfCertificatesAreReadOnlyWhereThereIsNoBundle(t *testing.T) {
	there := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	defer func(all []string) { bundles = all }(bundles)
	for what, c := range map[string]struct{ bundle, file, folders, want string }{
		"a bundle":                     {bundle: there, want: os.DevNull},
		"no bundle":                    {bundle: "/none", want: ""},
		"a file that somebody names":   {bundle: "/none", file: there, want: os.DevNull},
		"a file that is not there":     {bundle: there, file: "/none", want: ""},
		"folders that somebody names":  {bundle: there, folders: "/mine", want: "/mine"},
		"both, as somebody names them": {bundle: there, file: there, folders: "/mine", want: "/mine"},
	} {
		bundles = []string{"/none/either", c.bundle}
		t.Setenv("SSL_CERT_FILE", c.file)
		t.Setenv("SSL_CERT_DIR", c.folders)
		trustBundle()
		if got := os.Getenv("SSL_CERT_DIR"); got != c.want {
			t.Errorf("%s: folders are %q, want %q", what, got, c.want)
		}
	}
}
