package io.javisor.devices.virtio.vsock;

import static io.javisor.devices.virtio.vsock.VsockProtocol.*;

import io.javisor.core.host.Errno;
import io.javisor.core.memory.MemoryLease;
import org.jspecify.annotations.Nullable;

/**
 * One connection between a port of the guest's and one of the host's (virtio 1.2 §5.10.6.5): what its packets and its end on the host do to it, and which
 * packet is due. It knows neither queues nor sockets. What waits to be told to the guest has a place of its own here, so that a guest that takes no packets
 * costs no more memory.
 *
 * <p>Each direction ends by itself. A guest that has ended both gets a RST, by which it knows that the ports are free again; one that was told that the host
 * has ended both is waited for, and then told by a RST that it is over. So is a guest that does what is not allowed. Bytes that were taken from the guest by
 * then still reach the host.
 */
final class VsockConnection implements VsockStream.Listener {
    /** Nothing is due. */
    static final int NOTHING = VIRTIO_VSOCK_OP_INVALID;

    private static final int BOTH = VIRTIO_VSOCK_SHUTDOWN_RCV | VIRTIO_VSOCK_SHUTDOWN_SEND;

    private enum Phase {
        /** The host has asked; the guest has not answered. */
        REQUESTED,
        OPEN,
        /** A RST is due, and nothing else. The host's end is given back. */
        RESET,
        OVER
    }

    /** Who is told, after the host's end has changed, that a packet may be due. */
    interface Owner {
        void changed(VsockConnection connection);
    }

    private final int hostPort;
    private final int guestPort;
    private final VsockCredit credit;
    private final VsockStream stream;
    private final VsockCounters counters;
    private final Owner owner;
    private Phase phase;
    private boolean requestDue;
    private boolean responseDue;
    private boolean updateDue;
    private boolean asked; // for credit, since it ran out
    private boolean inputReady;
    private int guestShutdown;
    private int hostShutdown;
    private int toldShutdown;

    // VsockConnections' own.
    @Nullable
    VsockConnection nextReady;

    boolean isListed;
    /** On the machine's clock; 0 for none. */
    long deadlineNanos;

    private VsockConnection(
            Phase phase,
            int hostPort,
            int guestPort,
            int bufferBytes,
            VsockStream stream,
            VsockCounters counters,
            Owner owner) {
        this.phase = phase;
        this.hostPort = hostPort;
        this.guestPort = guestPort;
        this.credit = new VsockCredit(bufferBytes);
        this.stream = stream;
        this.counters = counters;
        this.owner = owner;
        stream.attach(this, bufferBytes);
    }

    /** One that the guest has asked for, and the host has taken. */
    static VsockConnection ofGuest(
            VsockHeader request, int bufferBytes, VsockStream stream, VsockCounters counters, Owner owner) {
        VsockConnection connection = new VsockConnection(
                Phase.OPEN, request.dstPort(), request.srcPort(), bufferBytes, stream, counters, owner);
        connection.responseDue = true;
        if (connection.takeCredit(request.bufAlloc(), request.fwdCnt())) {
            stream.awaitInput();
        }
        return connection;
    }

    /** One that the host asks for. */
    static VsockConnection ofHost(
            int hostPort, int guestPort, int bufferBytes, VsockStream stream, VsockCounters counters, Owner owner) {
        VsockConnection connection =
                new VsockConnection(Phase.REQUESTED, hostPort, guestPort, bufferBytes, stream, counters, owner);
        connection.requestDue = true;
        return connection;
    }

    int hostPort() {
        return hostPort;
    }

    int guestPort() {
        return guestPort;
    }

    /** Nothing comes of it any more. */
    boolean isOver() {
        return phase == Phase.OVER;
    }

    /** Whether it is the guest's turn, which is not waited for for ever. */
    boolean waitsForGuest() {
        return phase == Phase.REQUESTED || (phase == Phase.OPEN && toldShutdown == BOTH);
    }

    // ---- from the guest ----

    /**
     * A packet of the guest's, but for its payload.
     *
     * @return whether the payload is to go to the host, by {@link #forward}
     */
    boolean receive(VsockHeader packet) {
        int op = packet.op();
        if (op == VIRTIO_VSOCK_OP_RST) {
            end(Phase.OVER);
            return false;
        }
        if (phase == Phase.RESET || !takeCredit(packet.bufAlloc(), packet.fwdCnt())) {
            return false;
        }
        if (phase == Phase.REQUESTED) {
            if (op == VIRTIO_VSOCK_OP_RESPONSE) {
                phase = Phase.OPEN;
                deadlineNanos = 0;
                stream.accepted(hostPort);
                stream.awaitInput();
            } else {
                refuse();
            }
            return false;
        }
        switch (op) {
            case VIRTIO_VSOCK_OP_RW -> {
                return takeData(packet.length());
            }
            case VIRTIO_VSOCK_OP_SHUTDOWN -> shutDown(packet.flags());
            case VIRTIO_VSOCK_OP_CREDIT_REQUEST -> updateDue = true;
            case VIRTIO_VSOCK_OP_CREDIT_UPDATE -> {}
            default -> refuse();
        }
        return false;
    }

    /** A packet that can't be meant. */
    void refuse() {
        counters.unexpected.getAndIncrement();
        fail();
    }

    /** As {@link #refuse}, where that is counted already. */
    void fail() {
        if (phase != Phase.RESET) {
            end(requestDue ? Phase.OVER : Phase.RESET); // a guest that was not asked yet has heard of nothing
        }
    }

    private boolean takeCredit(int bufAlloc, int fwdCnt) {
        if (!credit.update(bufAlloc, fwdCnt)) {
            counters.badCredit.getAndIncrement();
            fail();
            return false;
        }
        if (credit.sendable() > 0) {
            asked = false;
        }
        return true;
    }

    private boolean takeData(long length) {
        if ((guestShutdown & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0) {
            refuse();
            return false;
        }
        if (!credit.receive(length)) {
            counters.badCredit.getAndIncrement();
            fail();
            return false;
        }
        if ((hostShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0) {
            lose(length); // it was under way when the guest was told
            return false;
        }
        return length > 0;
    }

    private void lose(long length) {
        counters.droppedBytes.getAndAdd(length);
        forwarded(length);
    }

    private void forwarded(long length) {
        credit.forwarded(length);
        updateDue |= credit.isUpdateDue();
    }

    private void shutDown(int flags) {
        if ((flags & ~BOTH) != 0) {
            refuse();
            return;
        }
        int news = flags & ~guestShutdown;
        guestShutdown |= flags;
        if (guestShutdown == BOTH) {
            end(Phase.RESET);
            return;
        }
        if ((news & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0) {
            inputReady = false;
            stream.endInput();
            if ((hostShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0) {
                hostShutdown = BOTH; // which has no more to say to one that does not listen
            }
        }
        if ((news & VIRTIO_VSOCK_SHUTDOWN_SEND) != 0) {
            stream.endOutput();
        }
    }

    /** Hands a payload to the host, after {@link #receive} said so. */
    void forward(MemoryLease payload) {
        long length = payload.sizeBytes();
        long left = stream.write(payload);
        if (left >= 0) {
            forwarded(left);
        } else {
            lose(length);
            hostGone();
        }
    }

    private void end(Phase how) {
        if (phase == Phase.REQUESTED || phase == Phase.OPEN) {
            stream.finish();
        }
        phase = how;
        inputReady = false;
        deadlineNanos = 0;
    }

    /** The guest is gone, with all that was due to it. */
    void abandon() {
        end(Phase.OVER);
    }

    /** The guest has not answered in time. */
    void expire() {
        counters.timeouts.getAndIncrement();
        fail();
    }

    // ---- from the host ----

    @Override
    public void readable() {
        if (phase == Phase.OPEN && (guestShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) == 0) {
            inputReady = true;
            owner.changed(this);
        }
    }

    @Override
    public void written(int bytes) {
        forwarded(bytes);
        owner.changed(this);
    }

    @Override
    public void hungUp() {
        if (phase == Phase.REQUESTED) {
            fail();
        } else if (phase == Phase.OPEN) {
            hostGone();
        }
        owner.changed(this);
    }

    private void hostGone() {
        hostShutdown |= VIRTIO_VSOCK_SHUTDOWN_RCV;
        if ((guestShutdown & VIRTIO_VSOCK_SHUTDOWN_RCV) != 0) {
            hostShutdown = BOTH;
        }
    }

    // ---- to the guest ----

    /** The packet that is due, by its operation; {@link #NOTHING}. A RW has what {@link #read} finds. */
    int next() {
        if (phase == Phase.RESET) {
            return VIRTIO_VSOCK_OP_RST;
        }
        if (phase == Phase.OVER) {
            return NOTHING;
        }
        if (phase == Phase.REQUESTED) {
            return requestDue ? VIRTIO_VSOCK_OP_REQUEST : NOTHING;
        }
        if (responseDue) {
            return VIRTIO_VSOCK_OP_RESPONSE;
        }
        if ((hostShutdown & ~toldShutdown) != 0) {
            return VIRTIO_VSOCK_OP_SHUTDOWN; // the host's input ends after all that it said
        }
        if (inputReady && credit.sendable() > 0) {
            return VIRTIO_VSOCK_OP_RW;
        }
        if (inputReady && !asked) {
            return VIRTIO_VSOCK_OP_CREDIT_REQUEST;
        }
        return updateDue ? VIRTIO_VSOCK_OP_CREDIT_UPDATE : NOTHING;
    }

    /** The most that the guest takes now. */
    long sendable() {
        return credit.sendable();
    }

    /**
     * Reads what the next RW is to have.
     *
     * @param room at most {@link #sendable}
     * @return how many bytes; 0 if there is none now: {@link #next} then says what else is due
     */
    int read(MemoryLease room) {
        long size = room.sizeBytes();
        long result = stream.read(room);
        if (result < size) { // a socket gives all that it has
            inputReady = false;
        }
        if (result > 0) {
            credit.sent((int) result);
            if (!inputReady) {
                stream.awaitInput();
            }
            return (int) result;
        }
        if (result == 0) {
            endOfInput();
        } else if (isForNow(result)) {
            stream.awaitInput();
        } else {
            hostGone();
            endOfInput();
        }
        return 0;
    }

    private static boolean isForNow(long result) {
        return result == -Errno.EAGAIN || result == -Errno.EINTR;
    }

    private void endOfInput() {
        hostShutdown |= VIRTIO_VSOCK_SHUTDOWN_SEND;
    }

    /** Fills in the header of the packet that is due, which goes to the guest now. */
    void send(int op, int length, long guestCid, VsockHeader packet) {
        packet.set(VMADDR_CID_HOST, hostPort, guestCid, guestPort, VIRTIO_VSOCK_TYPE_STREAM, op);
        packet.setLength(length);
        packet.setCredit(credit.bufAlloc(), credit.tellForwarded());
        updateDue = false;
        switch (op) {
            case VIRTIO_VSOCK_OP_REQUEST -> requestDue = false;
            case VIRTIO_VSOCK_OP_RESPONSE -> responseDue = false;
            case VIRTIO_VSOCK_OP_CREDIT_REQUEST -> asked = true;
            case VIRTIO_VSOCK_OP_SHUTDOWN -> {
                toldShutdown = hostShutdown;
                packet.setFlags(toldShutdown);
            }
            case VIRTIO_VSOCK_OP_RST -> end(Phase.OVER);
            default -> {}
        }
    }
}
