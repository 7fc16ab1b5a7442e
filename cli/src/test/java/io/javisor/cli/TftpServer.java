package io.javisor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;

/** Serves one file by TFTP (RFC 1350), a datagram at a time. It never repeats one: a datagram that is lost is an error. */
final class TftpServer implements AutoCloseable {
    static final int BLOCK_SIZE = 512;

    private static final int READ_REQUEST = 1;
    private static final int DATA = 3;
    private static final int ACKNOWLEDGEMENT = 4;
    private static final int HEADER_SIZE = 4;

    private final DatagramSocket socket = new DatagramSocket(0);
    private final DatagramPacket received = new DatagramPacket(new byte[BLOCK_SIZE], BLOCK_SIZE);

    TftpServer() throws SocketException {}

    int port() {
        return socket.getLocalPort();
    }

    /** Waits for a request, whatever its name, and returns how many datagrams the file took. */
    int serve(byte[] file, int waitSeconds) throws IOException {
        socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(waitSeconds));
        assertEquals(READ_REQUEST, receive() >>> Short.SIZE);
        int blocks = file.length / BLOCK_SIZE + 1;
        for (int block = 1; block <= blocks; block++) {
            int start = (block - 1) * BLOCK_SIZE;
            int length = Math.min(BLOCK_SIZE, file.length - start);
            byte[] data = ByteBuffer.allocate(HEADER_SIZE + length)
                    .putShort((short) DATA)
                    .putShort((short) block)
                    .put(file, start, length)
                    .array();
            socket.send(new DatagramPacket(data, data.length, received.getSocketAddress()));
            int header = receive();
            while (header != (ACKNOWLEDGEMENT << Short.SIZE | block)) {
                header = receive(); // a guest that has no answer after 50 ms says the last thing again
            }
        }
        return blocks;
    }

    /** The first four bytes of the next datagram. */
    private int receive() throws IOException {
        received.setLength(BLOCK_SIZE);
        socket.receive(received);
        return ByteBuffer.wrap(received.getData()).getInt();
    }

    @Override
    public void close() {
        socket.close();
    }
}
