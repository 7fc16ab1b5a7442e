package io.javisor.api.firecracker;

import io.javisor.api.Fault;
import io.javisor.api.Response;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.core.log.LineFile;
import java.nio.charset.StandardCharsets;

/** A {@link LineFile} that a client names in a request: for the log or the metrics. */
final class ClientLineFile implements AutoCloseable {
    private final LineFile file;

    private ClientLineFile(LineFile file) {
        this.file = file;
    }

    /**
     * Opens it, and makes it if it is not there.
     *
     * @throws Fault with status 400 if it can't be written
     */
    static ClientLineFile open(String field, String path) {
        if (path.isEmpty()) {
            throw Fault.badRequest("\"" + field + "\" is empty");
        }
        try {
            return new ClientLineFile(LineFile.open(
                    field + " " + path, BootSource.path(field, path).toString()));
        } catch (HostException e) {
            throw new Fault(
                    Response.BAD_REQUEST,
                    "\"" + field + "\": " + path + " can't be written: " + Errno.describe(e.errno()),
                    e);
        }
    }

    /** Adds a line. */
    void writeLine(String line) {
        file.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Lines that were not written, or not whole. */
    long missed() {
        return file.missed();
    }

    @Override
    public void close() {
        file.close();
    }
}
