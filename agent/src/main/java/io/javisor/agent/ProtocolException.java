package io.javisor.agent;

import java.io.IOException;

/** The agent said what the protocol does not have. One printable line. */
final class ProtocolException extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
        super(message);
    }
}
