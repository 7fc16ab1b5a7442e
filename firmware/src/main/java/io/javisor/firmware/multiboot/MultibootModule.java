package io.javisor.firmware.multiboot;

import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;

/**
 * A file that is loaded beside the kernel.
 *
 * @param text what the kernel is told of it: printable ASCII and tabs, by custom its name and then arguments
 */
public record MultibootModule(ByteSource file, String text) {
    /** The longest text, in characters. */
    public static final int MAX_TEXT_LENGTH = 2047;

    /** @throws ImageException if the file is empty, or the text is none */
    public MultibootModule {
        if (file.sizeBytes() == 0) {
            throw file.problem("the module is empty");
        }
        if (text.length() > MAX_TEXT_LENGTH) {
            throw file.problem("the module's command line has %d characters; there is room for %d"
                    .formatted(text.length(), MAX_TEXT_LENGTH));
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c >= 0x7F) {
                throw file.problem(
                        "the module's command line has U+%04X; it takes printable ASCII characters".formatted((int) c));
            }
        }
    }
}
