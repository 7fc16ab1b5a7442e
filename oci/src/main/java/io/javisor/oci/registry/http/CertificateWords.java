package io.javisor.oci.registry.http;

import io.javisor.core.text.Printable;
import io.javisor.oci.registry.http.TransportException.Kind;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;

/** Why TLS came to nothing, in the words of docker's (Go's crypto/x509). */
final class CertificateWords {
    private static final int CAUSES_MAX = 16;

    private CertificateWords() {}

    static TransportException failure(Origin server, Throwable why) {
        boolean certificate = false;
        boolean path = false;
        Throwable deepest = why;
        Throwable each = why;
        for (int i = 0; i < CAUSES_MAX && each != null; i++) {
            if (each instanceof CertificateExpiredException || each instanceof CertificateNotYetValidException) {
                return certificate("certificate has expired or is not yet valid: " + words(each), why);
            }
            certificate |= each instanceof CertificateException;
            path |= each instanceof CertPathBuilderException || each instanceof CertPathValidatorException;
            deepest = each;
            each = each.getCause();
        }
        if (path) {
            return certificate("certificate signed by unknown authority", why);
        }
        String words = words(deepest);
        if (certificate) {
            // sun.security.util.HostnameChecker says which names there are not.
            return words.startsWith("No ") && (words.contains("alternative") || words.contains("name"))
                    ? certificate("certificate is not valid for " + server.host(), why)
                    : certificate(words, why);
        }
        return new TransportException(Kind.CERTIFICATE, "tls: " + words, why);
    }

    private static TransportException certificate(String words, Throwable why) {
        return new TransportException(Kind.CERTIFICATE, "tls: failed to verify certificate: x509: " + words, why);
    }

    private static String words(Throwable why) {
        return why.getMessage() == null ? why.getClass().getSimpleName() : Printable.asciiLine(why.getMessage());
    }
}
