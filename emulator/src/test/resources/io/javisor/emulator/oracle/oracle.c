/*
 * Runs single instructions on the host's processor: the oracle of HostDifferentialTest. Records lie in a file that both sides map; a count
 * (4 bytes) on standard input starts a batch, a byte on standard output ends it. OracleRecord.java has the same layout.
 */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define DATA 0x10000000UL
#define CODE 0x10010000UL
#define CODE_SIZE 0x10000UL
#define GS_BASE 0x0ff00000UL
#define PAGE 4096UL
#define ARRIVED 255

struct record {
	uint8_t code[16];
	uint32_t length, flow;
	uint64_t rip, rflags, pad[3];
	uint64_t gpr[16];
	uint8_t window[1024];
	uint8_t xsave[832];
	uint64_t out_rip, out_rflags, trap, error, cr2, pad2[3];
	uint64_t out_gpr[16];
	uint8_t out_xsave[832];
	uint8_t pages[2 * PAGE];
	uint8_t long_code[512];
} __attribute__((packed));

_Static_assert(sizeof(struct record) == 11776, "OracleRecord.SIZE");

uint64_t saved_rsp, target, out_gpr[16], out_flags;
uint32_t host_mxcsr = 0x1f80;
uint8_t out_xsave[832 + 64] __attribute__((aligned(64)));
static struct record *current;
static uint8_t initial[3 * PAGE];

void run(struct record *record);
void back(void);
void clean(void);

__asm__(
	".globl run, back, clean\n"
	"run:\n"
	"	push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
	"	mov %rsp, saved_rsp(%rip)\n"
	"	mov $7, %eax\n"
	"	xor %edx, %edx\n"
	"	xrstor64 1216(%rdi)\n"
	"	mov 24(%rdi), %rax\n"
	"	mov %rax, target(%rip)\n"
	"	push 32(%rdi)\n"
	"	popfq\n"
	"	mov 64(%rdi), %rax; mov 72(%rdi), %rcx; mov 80(%rdi), %rdx; mov 88(%rdi), %rbx\n"
	"	mov 96(%rdi), %rsp; mov 104(%rdi), %rbp; mov 112(%rdi), %rsi\n"
	"	mov 128(%rdi), %r8; mov 136(%rdi), %r9; mov 144(%rdi), %r10; mov 152(%rdi), %r11\n"
	"	mov 160(%rdi), %r12; mov 168(%rdi), %r13; mov 176(%rdi), %r14; mov 184(%rdi), %r15\n"
	"	mov 120(%rdi), %rdi\n"
	"	jmp *target(%rip)\n"
	"back:\n"
	"	mov %rax, out_gpr(%rip); mov %rcx, out_gpr+8(%rip); mov %rdx, out_gpr+16(%rip); mov %rbx, out_gpr+24(%rip)\n"
	"	mov %rsp, out_gpr+32(%rip); mov %rbp, out_gpr+40(%rip); mov %rsi, out_gpr+48(%rip); mov %rdi, out_gpr+56(%rip)\n"
	"	mov %r8, out_gpr+64(%rip); mov %r9, out_gpr+72(%rip); mov %r10, out_gpr+80(%rip); mov %r11, out_gpr+88(%rip)\n"
	"	mov %r12, out_gpr+96(%rip); mov %r13, out_gpr+104(%rip); mov %r14, out_gpr+112(%rip); mov %r15, out_gpr+120(%rip)\n"
	"	mov saved_rsp(%rip), %rsp\n"
	"	pushfq\n"
	"	popq out_flags(%rip)\n"
	"	mov $7, %eax\n"
	"	xor %edx, %edx\n"
	"	xsave64 out_xsave(%rip)\n"
	"clean:\n"
	"	cld\n"
	"	fninit\n"
	"	ldmxcsr host_mxcsr(%rip)\n"
	"	pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
	"	ret\n");

static void on_signal(int number, siginfo_t *info, void *context)
{
	(void)number;
	(void)info;
	ucontext_t *u = context;
	greg_t *g = u->uc_mcontext.gregs;
	static const int order[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };
	struct record *r = current;

	for (int i = 0; i < 16; i++)
		out_gpr[i] = g[order[i]];
	out_flags = g[REG_EFL];
	r->trap = g[REG_TRAPNO];
	r->error = g[REG_ERR];
	r->cr2 = g[REG_CR2];
	r->out_rip = g[REG_RIP];
	if (r->flow && r->trap == 3) {
		r->trap = ARRIVED;
		r->out_rip--;
	} else if (r->trap == 14 && (r->error & 16)) {
		r->trap = ARRIVED;
	}
	uint8_t *frame = (uint8_t *)u->uc_mcontext.fpregs;
	memcpy(out_xsave, frame, 832);
	uint64_t present = *(uint64_t *)(frame + 512);
	if (!(present & 2))
		memset(out_xsave + 160, 0, 256);
	if (!(present & 4))
		memset(out_xsave + 576, 0, 256);
	g[REG_RIP] = (greg_t)clean;
	g[REG_RSP] = saved_rsp;
	g[REG_EFL] &= ~0x500L;
}

static void run_one(struct record *r, uint8_t *alias)
{
	uint8_t *code = (uint8_t *)r->rip;
	static const uint8_t jump[6] = { 0xff, 0x25, 0, 0, 0, 0 };
	void *address = back;

	memcpy(alias, initial, sizeof(initial));
	memcpy(alias + PAGE - 512, r->window, 1024);
	memcpy(code, r->length > sizeof(r->code) ? r->long_code : r->code, r->length);
	if (!r->flow) {
		memcpy(code + r->length, jump, 6);
		memcpy(code + r->length + 6, &address, 8);
	}
	r->trap = ARRIVED;
	r->error = r->cr2 = 0;
	r->out_rip = r->rip + r->length;
	current = r;
	run(r);
	memset(code, 0xcc, r->length + 14);
	memcpy(r->out_gpr, out_gpr, sizeof(out_gpr));
	r->out_rflags = out_flags;
	memcpy(r->out_xsave, out_xsave, 832);
	memcpy(r->pages, alias, sizeof(r->pages));
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1;
	long size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	struct record *records = mmap(0, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int data = memfd_create("data", 0);
	int fixed = MAP_SHARED | MAP_FIXED_NOREPLACE;
	uint32_t count;

	if (records == MAP_FAILED || data < 0 || ftruncate(data, 3 * PAGE) < 0)
		return 1;
	uint8_t *alias = mmap(0, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, data, 0);
	void *written = mmap((void *)DATA, 2 * PAGE, PROT_READ | PROT_WRITE, fixed, data, 0);
	void *read_only = mmap((void *)(DATA + 2 * PAGE), PAGE, PROT_READ, fixed | MAP_POPULATE, data, 2 * PAGE);
	void *code = mmap((void *)CODE, CODE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (alias == MAP_FAILED || written == MAP_FAILED || read_only == MAP_FAILED || code == MAP_FAILED)
		return 2;
	memset(code, 0xcc, CODE_SIZE);
	for (unsigned i = 0; i < sizeof(initial); i++)
		initial[i] = (uint8_t)(i * 167 + (i >> 8) * 13 + 7);
	syscall(SYS_arch_prctl, ARCH_SET_GS, GS_BASE);

	static uint8_t stack[1 << 16];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	sigaltstack(&alternate, 0);
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	for (int i = 0; i < 5; i++)
		sigaction(signals[i], &action, 0);

	while (read(0, &count, 4) == 4) {
		for (uint32_t i = 0; i < count; i++)
			run_one(&records[i], alias);
		if (write(1, "", 1) != 1)
			return 3;
	}
	return 0;
}
