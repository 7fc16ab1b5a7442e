package io.javisor.oci.registry.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.NoSuchAlgorithmException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * Whose certificates are taken: those that the JDK's authorities vouch for, or, of a host that has its own authorities,
 * those that these vouch for and no other. Several threads may use one.
 */
public final class Trust {
    private final Function<Origin, Optional<SSLContext>> own;

    private Trust(Function<Origin, Optional<SSLContext>> own) {
        this.own = own;
    }

    /** That of the JDK for every server. */
    public static Trust ofJdk() {
        return new Trust(_ -> Optional.empty());
    }

    /**
     * The same but for some servers.
     *
     * @param authorities certificates in PEM, one or more, for a server; asked once
     */
    public static Trust of(Function<Origin, Optional<byte[]>> authorities) {
        Map<Origin, Optional<SSLContext>> contexts = new ConcurrentHashMap<>();
        return new Trust(origin ->
                contexts.computeIfAbsent(origin, each -> authorities.apply(each).map(Trust::context)));
    }

    /**
     * Checks that text has certificates in PEM.
     *
     * @throws IllegalArgumentException if it has none; the message is for the user
     */
    public static void check(byte[] pem) {
        SSLContext _ = context(pem);
    }

    private static SSLContext context(byte[] pem) {
        try {
            Collection<? extends Certificate> certificates =
                    CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem));
            if (certificates.isEmpty()) {
                throw new IllegalArgumentException("there is no certificate in it");
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            int count = 0;
            for (Certificate each : certificates) {
                store.setCertificateEntry("ca" + count, each);
                count++;
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust.getTrustManagers(), null);
            return context;
        } catch (CertificateException e) {
            throw new IllegalArgumentException("there is no valid certificate in PEM in it", e);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** For one connection to a server, whose certificate must be for that name. */
    SSLEngine engine(Origin server) {
        SSLContext context = own.apply(server).orElseGet(Trust::jdk);
        SSLEngine engine = context.createSSLEngine(server.host(), server.port());
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        engine.setSSLParameters(parameters);
        return engine;
    }

    /** Made for the first server that needs it: reading the JDK's authorities takes its time. */
    private static SSLContext jdk() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
