package io.javisor.devices.i8042;

/**
 * The registers of an {@link I8042Device}, for a snapshot.
 *
 * @param version {@link #VERSION}
 * @param status status register
 * @param commandByte command byte
 * @param outputPort output port P2
 * @param outputBuffer what port 0x60 reads
 * @param pendingCommand the command that waits for its data byte, or 0
 */
public record I8042State(
        int version, int status, int commandByte, int outputPort, int outputBuffer, int pendingCommand) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /**
     * Checks what a snapshot file might get wrong.
     *
     * @throws IllegalArgumentException for another version or a value that is no byte
     */
    public I8042State {
        if (version != VERSION) {
            throw new IllegalArgumentException("i8042 state version " + version + " is not " + VERSION);
        }
        if (((status | commandByte | outputPort | outputBuffer | pendingCommand) & ~0xFF) != 0) {
            throw new IllegalArgumentException("i8042 state: a register is no byte");
        }
    }
}
