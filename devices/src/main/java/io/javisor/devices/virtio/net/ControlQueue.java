package io.javisor.devices.virtio.net;

import static io.javisor.devices.virtio.net.NetProtocol.*;

import io.javisor.core.memory.GuestMemory;
import io.javisor.devices.virtio.VirtioLink;
import io.javisor.devices.virtio.queue.ChainBytes;
import io.javisor.devices.virtio.queue.DescriptorChain;
import io.javisor.devices.virtio.queue.Virtqueue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The driver's commands (virtio 1.2 §5.1.6.5): receive modes and addresses, the card's address, pairs of queues, offloads. What does not exist, was not
 * negotiated or has other arguments than it should ends in VIRTIO_NET_ERR and changes nothing.
 */
final class ControlQueue {
    /** Each may be a system call or some. */
    static final int COMMANDS_PER_TURN = 16;

    private static final int COMMAND_HEADER_SIZE = 2; // class, command
    private static final int TABLE_COUNT_SIZE = 4;

    /** The most data of a command that is looked at: two full tables. */
    private static final int MAX_DATA =
            COMMAND_HEADER_SIZE + 2 * (TABLE_COUNT_SIZE + MacAddress.SIZE * RxFilter.TABLE_SIZE);

    private final NetContext context;
    private final Runnable pairsChanged;
    private final DescriptorChain chain = new DescriptorChain(NetDevice.QUEUE_MAX_SIZE);
    private final MemorySegment data;
    private int index;

    /** @param pairsChanged called after the number of pairs in use has changed */
    ControlQueue(NetContext context, Runnable pairsChanged) {
        this.context = context;
        this.pairsChanged = pairsChanged;
        this.data = context.buffers.allocate(MAX_DATA);
    }

    /** @param newIndex which queue it is, or -1 */
    void activate(int newIndex) {
        index = newIndex;
    }

    void work() {
        VirtioLink link = context.link;
        Virtqueue queue = link == null || index < 0 ? null : link.queue(index);
        if (link == null || queue == null) {
            return;
        }
        do {
            queue.disableDoorbell();
            while (queue.take(chain)) {
                boolean done = execute(link.memory());
                context.counters.command(done);
                byte answer = (byte) (done ? VIRTIO_NET_OK : VIRTIO_NET_ERR);
                queue.complete(chain.token(), ChainBytes.putByte(link.memory(), chain, 0, answer) ? 1 : 0);
            }
        } while (queue.enableDoorbell());
        if (queue.needsNotification()) {
            link.notifyUsed(index);
        }
    }

    private boolean execute(GuestMemory memory) {
        if (chain.writableBytes() == 0) {
            return false; // no driver waits for it
        }
        long length = ChainBytes.read(memory, chain, 0, data, 0, MAX_DATA);
        if (length < COMMAND_HEADER_SIZE) {
            return false;
        }
        int command = u8(1);
        long argumentBytes = chain.readableBytes() - COMMAND_HEADER_SIZE;
        return switch (u8(0)) {
            case VIRTIO_NET_CTRL_RX -> argumentBytes == 1 && setMode(command, u8(COMMAND_HEADER_SIZE));
            case VIRTIO_NET_CTRL_MAC ->
                switch (command) {
                    case VIRTIO_NET_CTRL_MAC_TABLE_SET -> setTables(memory);
                    case VIRTIO_NET_CTRL_MAC_ADDR_SET -> argumentBytes == MacAddress.SIZE && setMac();
                    default -> false;
                };
            case VIRTIO_NET_CTRL_MQ ->
                command == VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET
                        && argumentBytes == Short.BYTES
                        && setPairs(u8(COMMAND_HEADER_SIZE) | (u8(COMMAND_HEADER_SIZE + 1) << 8));
            case VIRTIO_NET_CTRL_GUEST_OFFLOADS ->
                command == VIRTIO_NET_CTRL_GUEST_OFFLOADS_SET && argumentBytes == Long.BYTES && setOffloads();
            default -> false;
        };
    }

    private boolean setMode(int mode, int on) {
        boolean extra = mode > VIRTIO_NET_CTRL_RX_ALLMULTI;
        if (mode > VIRTIO_NET_CTRL_RX_NOBCAST
                || on > 1
                || !context.has(extra ? VIRTIO_NET_F_CTRL_RX_EXTRA : VIRTIO_NET_F_CTRL_RX)) {
            return false;
        }
        context.filter.setMode(mode, on == 1);
        return true;
    }

    private boolean setMac() {
        long address = address(COMMAND_HEADER_SIZE);
        if (!context.has(VIRTIO_NET_F_CTRL_MAC_ADDR) || !new MacAddress(address).isUnicast()) {
            return false;
        }
        context.space.setMac(address);
        return true;
    }

    /** Two tables, each a count of 32 bits and as many addresses (§5.1.6.5.2). */
    private boolean setTables(GuestMemory memory) {
        long end = chain.readableBytes();
        if (!context.has(VIRTIO_NET_F_CTRL_RX) || end < COMMAND_HEADER_SIZE + TABLE_COUNT_SIZE) {
            return false;
        }
        long unicastCount = u32(COMMAND_HEADER_SIZE);
        long unicastAt = COMMAND_HEADER_SIZE + TABLE_COUNT_SIZE;
        long multicastAt = unicastAt + unicastCount * MacAddress.SIZE + TABLE_COUNT_SIZE;
        if (multicastAt > end) {
            return false;
        }
        // The first table may be longer than what is looked at: then the second lies behind that.
        long _ = ChainBytes.read(memory, chain, multicastAt - TABLE_COUNT_SIZE, data, 0, TABLE_COUNT_SIZE);
        long multicastCount = u32(0);
        if (multicastAt + multicastCount * MacAddress.SIZE != end) {
            return false;
        }
        context.filter.beginTables(bounded(unicastCount), bounded(multicastCount));
        readTable(memory, unicastAt, bounded(unicastCount), false);
        readTable(memory, multicastAt, bounded(multicastCount), true);
        return true;
    }

    /** One more than a table holds stands for all that are more. */
    private static int bounded(long count) {
        return (int) Math.min(count, RxFilter.TABLE_SIZE + 1);
    }

    private void readTable(GuestMemory memory, long at, int count, boolean multicast) {
        int kept = Math.min(count, RxFilter.TABLE_SIZE);
        long _ = ChainBytes.read(memory, chain, at, data, 0, (long) kept * MacAddress.SIZE);
        for (int i = 0; i < kept; i++) {
            long address = address(i * MacAddress.SIZE);
            if (multicast) {
                context.filter.putMulticast(i, address);
            } else {
                context.filter.putUnicast(i, address);
            }
        }
    }

    private boolean setPairs(int pairs) {
        if (!context.has(VIRTIO_NET_F_MQ) || pairs < 1 || pairs > context.space.pairs()) {
            return false;
        }
        if (pairs != context.activePairs) {
            if (context.tellPairs(pairs) < 0) {
                return false;
            }
            pairsChanged.run();
        }
        return true;
    }

    private boolean setOffloads() {
        long wanted = u32(COMMAND_HEADER_SIZE) | (u32(COMMAND_HEADER_SIZE + Integer.BYTES) << Integer.SIZE);
        long possible = context.features & GUEST_OFFLOADS;
        return context.has(VIRTIO_NET_F_CTRL_GUEST_OFFLOADS)
                && (wanted & ~possible) == 0
                && NetConfigSpace.accepts(wanted)
                && context.tellOffloads(wanted) >= 0;
    }

    private int u8(int offset) {
        return data.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
    }

    private long u32(int offset) {
        return u8(offset) | (u8(offset + 1) << 8) | (u8(offset + 2) << 16) | ((long) u8(offset + 3) << 24);
    }

    private long address(int offset) {
        long address = 0;
        for (int i = 0; i < MacAddress.SIZE; i++) {
            address = (address << 8) | u8(offset + i);
        }
        return address;
    }
}
