/**
 * What this person means to send: devices held open, switched on or off, and handed to the publish peer.
 *
 * A camera that is off is closed, so that its light goes out. A classroom's and an assistant's voice leaves this
 * computer only on stage, or while the master listens to the room; the server would drop it anyway. It is sent as
 * silence until the room has heard of the publication, and while the hand is up, so that the grant finds it flowing;
 * else the microphone rests.
 *
 * A whisper is a copy of the microphone as a source of its own, flowing while it is held; meanwhile the microphone
 * itself is silent, so that what is meant for one is not said to all.
 */
import type { Role, Source } from '../protocol/messages';
import type { CaptureFault } from '../devices/capture';
import { faultOf, openCamera, openMicrophone, openScreen } from '../devices/capture';
import type { DeviceChoice } from '../devices/device-choice';
import { Observable } from './observable';
import type { PublishPeer } from './publish-peer';

export interface OwnMediaView {
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  isCameraOff: boolean;
  isMuted: boolean;
  isOnStage: boolean;
  /** The master hears this room in its place. */
  isListenedTo: boolean;
  isWhispering: boolean;
  cameraFault: CaptureFault | null;
  microphoneFault: CaptureFault | null;
  screenFault: CaptureFault | null;
}

const NOTHING: OwnMediaView = {
  camera: null,
  microphone: null,
  screen: null,
  isCameraOff: false,
  isMuted: false,
  isOnStage: false,
  isListenedTo: false,
  isWhispering: false,
  cameraFault: null,
  microphoneFault: null,
  screenFault: null,
};

export class OwnMedia {
  readonly view = new Observable<OwnMediaView>(NOTHING);
  private screenAudio: MediaStreamTrack | null = null;
  private whisper: MediaStreamTrack | null = null;
  private mayVoiceRest = false;
  private isClosed = false;

  constructor(
    private readonly role: Role,
    private readonly choice: DeviceChoice,
    private readonly publisher: PublishPeer,
  ) {}

  /** Opens camera and microphone as the role wants them; one that fails does not keep the other back. */
  async start(): Promise<void> {
    if (this.role === 'observer' || this.role === 'student') return;
    await this.openDevices();
  }

  async setOnStage(isOnStage: boolean): Promise<void> {
    if (this.view.get().isOnStage === isOnStage) return;
    this.view.change({ isOnStage });
    this.publisher.setOnStage(isOnStage);
    this.applyVoice();
    if (this.role !== 'student') return;
    if (isOnStage) await this.openDevices();
    else this.closeDevices();
  }

  setListenedTo(isListenedTo: boolean): void {
    if (this.view.get().isListenedTo === isListenedTo) return;
    this.view.change({ isListenedTo });
    this.applyVoice();
  }

  /** Whether nobody waits for this seat's microphone to be published, or for its voice. */
  setVoiceMayRest(mayRest: boolean): void {
    if (this.mayVoiceRest === mayRest) return;
    this.mayVoiceRest = mayRest;
    this.applyVoice();
  }

  setMuted(isMuted: boolean): void {
    this.view.change({ isMuted });
    this.applyVoice();
  }

  /** While the key is held. Also who is muted may whisper: the key is the permission. */
  async setWhispering(isWhispering: boolean): Promise<void> {
    const { microphone } = this.view.get();
    if (this.isClosed || microphone === null || this.view.get().isWhispering === isWhispering) return;
    this.view.change({ isWhispering });
    const isFirst = this.whisper === null;
    this.whisper ??= microphone.clone();
    this.applyVoice();
    if (isFirst) await this.publisher.setTrack('whisper', this.whisper);
  }

  async setCameraOff(isCameraOff: boolean): Promise<void> {
    this.view.change({ isCameraOff });
    if (isCameraOff) await this.replaceCamera(null);
    else await this.openCamera();
  }

  async shareScreen(): Promise<void> {
    try {
      const shared = await openScreen();
      shared.video.onended = () => void this.stopScreen();
      this.screenAudio = shared.audio;
      this.view.change({ screen: shared.video, screenFault: null });
      if (shared.audio !== null) await this.publisher.setTrack('screen_audio', shared.audio);
      await this.publisher.setTrack('screen', shared.video);
    } catch (error) {
      const fault = faultOf(error);
      this.view.change({ screenFault: fault === 'sharing_cancelled' ? null : fault });
    }
  }

  async stopScreen(): Promise<void> {
    const screen = this.view.get().screen;
    if (screen === null) return;
    screen.stop();
    this.screenAudio?.stop();
    this.screenAudio = null;
    this.view.change({ screen: null });
    await this.publisher.setTrack('screen_audio', null);
    await this.publisher.setTrack('screen', null);
  }

  /** What the owner's switches say a source shall be; null for a source without a switch. */
  wantedEnabled(source: Source): boolean | null {
    const view = this.view.get();
    if (source === 'camera') return !view.isCameraOff;
    if (source === 'microphone') return !view.isMuted;
    return null;
  }

  close(): void {
    this.isClosed = true;
    const { camera, microphone, screen } = this.view.get();
    for (const track of [camera, microphone, screen, this.screenAudio, this.whisper]) track?.stop();
    this.view.set({ ...NOTHING });
  }

  private async openDevices(): Promise<void> {
    await Promise.all([this.openCamera(), this.openMicrophone()]);
  }

  private closeDevices(): void {
    this.publisher.clear();
    const { camera, microphone } = this.view.get();
    camera?.stop();
    microphone?.stop();
    this.whisper?.stop();
    this.whisper = null;
    this.view.change({ camera: null, microphone: null, isWhispering: false });
  }

  private async openCamera(): Promise<void> {
    if (this.view.get().isCameraOff) return;
    try {
      const camera = await openCamera(this.choice.camera);
      camera.onended = () => this.view.change({ cameraFault: 'device_missing' });
      await this.replaceCamera(camera);
    } catch (error) {
      this.view.change({ cameraFault: faultOf(error) });
    }
  }

  private async replaceCamera(camera: MediaStreamTrack | null): Promise<void> {
    if (this.isClosed) {
      camera?.stop();
      return;
    }
    const former = this.view.get().camera;
    this.view.change({ camera, cameraFault: null });
    await (camera === null ? this.publisher.pauseTrack('camera') : this.publisher.setTrack('camera', camera));
    former?.stop();
  }

  private async openMicrophone(): Promise<void> {
    try {
      const microphone = await openMicrophone(this.choice.microphone);
      if (this.isClosed) {
        microphone.stop();
        return;
      }
      microphone.onended = () => this.view.change({ microphoneFault: 'device_missing' });
      this.view.change({ microphone, microphoneFault: null });
      this.applyVoice();
      await this.publisher.setTrack('microphone', microphone);
    } catch (error) {
      this.view.change({ microphoneFault: faultOf(error) });
    }
  }

  private applyVoice(): void {
    const { microphone, isMuted, isOnStage, isListenedTo, isWhispering } = this.view.get();
    const isHeard = this.role === 'master' || isOnStage || isListenedTo;
    if (microphone !== null) microphone.enabled = !isMuted && isHeard && !isWhispering;
    if (this.whisper !== null) this.whisper.enabled = isWhispering;
    this.publisher.setResting('microphone', !isHeard && this.mayVoiceRest);
    this.publisher.setResting('whisper', !isWhispering);
  }
}
