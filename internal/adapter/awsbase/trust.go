package awsbase

import (
	"cmp"
	"os"
)

// bundles are files with all certificates that the system trusts: Amazon
// Linux's, and Debian's. crypto/x509 knows them, too.
var bundles = []string{"/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/certs/ca-certificates.crt"}

// trustBundle keeps crypto/x509 from reading folders of certificates beside
// the bundle: they hold the same ones again, on Amazon Linux twice, and parsing
// them takes four times as long as the bundle. Files and folders that are named
// by SSL_CERT_FILE and SSL_CERT_DIR are read as they are named.
func trustBundle() {
	if os.Getenv("SSL_CERT_DIR") != "" {
		return
	}
	for _, bundle := range bundles {
		if _, err := os.Stat(cmp.Or(os.Getenv("SSL_CERT_FILE"), bundle)); err == nil {
			os.Setenv("SSL_CERT_DIR", os.DevNull)
			return
		}
	}
}
