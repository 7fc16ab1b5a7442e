package io.javisor.kvm;

import io.javisor.core.host.Fd;
import io.javisor.kvm.abi.KvmClearDirtyLogLayout;
import io.javisor.kvm.abi.KvmConstants;
import io.javisor.kvm.abi.KvmDirtyLogLayout;
import io.javisor.kvm.abi.KvmIoctl;
import io.javisor.kvm.abi.KvmUserspaceMemoryRegionLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** The memory slots of a VM: which host memory backs which guest-physical addresses, and which pages the guest wrote. */
public final class KvmMemorySlots {
    private static final int PAGE_SIZE = 4096;

    private final Fd fd;

    KvmMemorySlots(Fd fd) {
        this.fd = fd;
    }

    /**
     * Makes, moves or changes a slot. The host memory must stay mapped until the slot is deleted or the VM has ended.
     *
     * @param slot its number, from 0
     * @param flags {@link KvmConstants#KVM_MEM_LOG_DIRTY_PAGES}, {@link KvmConstants#KVM_MEM_READONLY} or 0
     * @param startGpa a multiple of the page size
     * @param sizeBytes a multiple of the page size; 0 deletes the slot
     * @param startHva a multiple of the page size
     */
    public void setUserMemoryRegion(int slot, int flags, long startGpa, long sizeBytes, long startHva) {
        // KVM api.rst §4.35
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment region = arena.allocate(KvmUserspaceMemoryRegionLayout.SIZE, Long.BYTES);
            KvmUserspaceMemoryRegionLayout.setSlot(region, slot);
            KvmUserspaceMemoryRegionLayout.setFlags(region, flags);
            KvmUserspaceMemoryRegionLayout.setGuestPhysAddr(region, startGpa);
            KvmUserspaceMemoryRegionLayout.setMemorySize(region, sizeBytes);
            KvmUserspaceMemoryRegionLayout.setUserspaceAddr(region, startHva);
            int result = Ioctl.tryCall(
                    fd,
                    "KVM_SET_USER_MEMORY_REGION",
                    KvmIoctl.KVM_SET_USER_MEMORY_REGION,
                    region,
                    KvmUserspaceMemoryRegionLayout.SIZE);
            if (result < 0) {
                throw Ioctl.failed(
                        fd,
                        "KVM_SET_USER_MEMORY_REGION(slot=%d, flags=0x%x, gpa=0x%x, size=0x%x, hva=0x%x)"
                                .formatted(slot, flags, startGpa, sizeBytes, startHva),
                        result);
            }
        }
    }

    /** Deletes a slot. */
    public void delete(int slot) {
        setUserMemoryRegion(slot, 0, 0, 0, 0);
    }

    /** Bytes of the dirty bitmap of a slot of {@code sizeBytes}: a bit a page, rounded up to 64. */
    public static long dirtyBitmapSizeBytes(long sizeBytes) {
        long pages = sizeBytes / PAGE_SIZE;
        return Math.ceilDiv(pages, Long.SIZE) * Long.BYTES;
    }

    /**
     * Fetches which pages of a slot with {@link KvmConstants#KVM_MEM_LOG_DIRTY_PAGES} the guest wrote since the last call, bit 0 of
     * byte 0 for the first page, and starts anew (unless manual protection is enabled: then {@link #clearDirtyLog} does).
     *
     * @param bitmap {@link #dirtyBitmapSizeBytes} bytes of the slot, at least
     */
    public void getDirtyLog(int slot, MemorySegment bitmap) {
        // KVM api.rst §4.8
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(KvmDirtyLogLayout.SIZE, Long.BYTES);
            KvmDirtyLogLayout.setSlot(log, slot);
            KvmDirtyLogLayout.setDirtyBitmap(log, Ioctl.hva(bitmap));
            int result =
                    Ioctl.tryCall(fd, "KVM_GET_DIRTY_LOG", KvmIoctl.KVM_GET_DIRTY_LOG, log, KvmDirtyLogLayout.SIZE);
            if (result < 0) {
                throw Ioctl.failed(fd, "KVM_GET_DIRTY_LOG(slot=" + slot + ")", result);
            }
        } finally {
            Reference.reachabilityFence(bitmap);
        }
    }

    /**
     * Clears the dirty bits that {@code bitmap} has set, and watches those pages again. Needs
     * {@code KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2} enabled.
     *
     * @param firstPage page in the slot that bit 0 stands for; a multiple of 64
     * @param pageCount pages; a multiple of 64 unless it reaches to the slot's end
     */
    public void clearDirtyLog(int slot, long firstPage, int pageCount, MemorySegment bitmap) {
        // KVM api.rst §4.117
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment log = arena.allocate(KvmClearDirtyLogLayout.SIZE, Long.BYTES);
            KvmClearDirtyLogLayout.setSlot(log, slot);
            KvmClearDirtyLogLayout.setNumPages(log, pageCount);
            KvmClearDirtyLogLayout.setFirstPage(log, firstPage);
            KvmClearDirtyLogLayout.setDirtyBitmap(log, Ioctl.hva(bitmap));
            int result = Ioctl.tryCall(
                    fd, "KVM_CLEAR_DIRTY_LOG", KvmIoctl.KVM_CLEAR_DIRTY_LOG, log, KvmClearDirtyLogLayout.SIZE);
            if (result < 0) {
                throw Ioctl.failed(
                        fd,
                        "KVM_CLEAR_DIRTY_LOG(slot=%d, first=%d, count=%d)".formatted(slot, firstPage, pageCount),
                        result);
            }
        } finally {
            Reference.reachabilityFence(bitmap);
        }
    }
}
